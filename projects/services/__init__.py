"""Writes with consequences in the design phase."""

from projects.services.calculations import (
    analyse_case,
    find_out_together,
    keep_calculation,
)
from projects.services.comments import (
    delete_comment,
    edit_comment,
    post_comment,
    resolve_comment,
    restore_comment,
)
from projects.services.decision import (
    propose_decision,
    sign_decision,
    withdraw_decision,
)
from projects.services.deriving import (
    NothingPays,
    derive,
    keep_derivation,
    require_derived,
)
from projects.services.documents import keep_document
from projects.services.estimates import (
    RangeGiven,
    close_round,
    open_round,
    reveal_estimates,
    save_estimates,
    settle_range,
)
from projects.services.evidence import (
    Measurement,
    Subject,
    attest,
    judge_again,
    note_input,
    record_answers,
    record_evidence,
)
from projects.services.gates import (
    GateClosed,
    check_gate,
    launch_project,
    set_gate,
    take_back_launch,
)
from projects.services.metric_words import Word, answer_about_metrics, say_of_metrics
from projects.services.metrics import (
    NothingToCompare,
    keep_agreement,
    remove_link,
    restore_metric,
    retire_metric,
    save_link,
    save_metric,
    say_of_metric,
    take_word_back,
)
from projects.services.people import (
    answer_invitation,
    decline_invitation,
    invite,
    open_invitation,
    remove_stakeholder,
    renew_invitation,
    revoke_invitation,
)
from projects.services.project import (
    archive_project,
    create_project,
    nominate_candidate,
    set_role,
    unarchive_project,
)
from projects.services.realised import correct_realised, enter_realised
from projects.services.requirement_document import (
    apply_document,
    export_document,
    plan_document,
)
from projects.services.requirements import (
    delete_requirement,
    freshness_input,
    restore_version,
    save_requirement,
    undelete_requirement,
)
from projects.services.sharing import (
    NothingToShare,
    note_opening,
    share,
    stop_sharing,
)
from projects.services.value import (
    edit_case,
    follow_answers,
    remove_quantity,
    restore_case,
    save_quantity,
)

__all__ = [
    "GateClosed",
    "Measurement",
    "NothingPays",
    "NothingToCompare",
    "NothingToShare",
    "RangeGiven",
    "Subject",
    "Word",
    "analyse_case",
    "answer_about_metrics",
    "answer_invitation",
    "apply_document",
    "archive_project",
    "attest",
    "check_gate",
    "close_round",
    "correct_realised",
    "create_project",
    "decline_invitation",
    "delete_comment",
    "delete_requirement",
    "derive",
    "edit_case",
    "edit_comment",
    "enter_realised",
    "export_document",
    "find_out_together",
    "follow_answers",
    "freshness_input",
    "invite",
    "judge_again",
    "keep_agreement",
    "keep_calculation",
    "keep_derivation",
    "keep_document",
    "launch_project",
    "nominate_candidate",
    "note_input",
    "note_opening",
    "open_invitation",
    "open_round",
    "plan_document",
    "post_comment",
    "propose_decision",
    "record_answers",
    "record_evidence",
    "remove_link",
    "remove_quantity",
    "remove_stakeholder",
    "renew_invitation",
    "require_derived",
    "resolve_comment",
    "restore_case",
    "restore_comment",
    "restore_metric",
    "restore_version",
    "retire_metric",
    "reveal_estimates",
    "revoke_invitation",
    "save_estimates",
    "save_link",
    "save_metric",
    "save_quantity",
    "save_requirement",
    "say_of_metric",
    "say_of_metrics",
    "set_gate",
    "set_role",
    "settle_range",
    "share",
    "sign_decision",
    "stop_sharing",
    "take_back_launch",
    "take_word_back",
    "unarchive_project",
    "undelete_requirement",
    "withdraw_decision",
]
