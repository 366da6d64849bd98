"""An experiment as a report: the answer, what it stands on, who wrote it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from engine.numbers import money, plain
from experiments.models import Experiment, Protocol
from experiments.selectors.board import Board, board_of
from experiments.selectors.columns import title_of
from experiments.selectors.impute import filled_words, not_filled_words
from projects.selectors.value import current_case


@dataclass(frozen=True)
class Fact:
    """One line of the method."""

    name: str
    text: str
    url: str = ""  # of what it rests on, for members


def facts_of(protocol: Protocol) -> list[Fact]:
    """Return the rules runs were measured under, in words."""
    rules = protocol.rules
    version = protocol.data_set_version
    target = (
        _("%(column)s = %(value)s") % {"column": rules.target, "value": rules.positive}
        if rules.positive
        else rules.target
    )
    fits = rules.folds * rules.repeats
    return [
        Fact(
            _("Data"),
            _("%(name)s, version %(n)s, %(rows)s rows")
            % {
                "name": version.data_set.name,
                "n": version.number,
                "rows": plain(version.rows or 0),
            },
        ),
        Fact(_("Predicts"), target),
        Fact(
            _("Judged on"),
            _("%(share)s %% of the rows, held out, chosen with seed %(seed)s")
            % {"share": f"{100 * rules.holdout_share:g}", "seed": rules.holdout_seed},
        ),
        Fact(
            _("Trained on"),
            _("the rest, %(fits)s fits (%(folds)s folds × %(repeats)s)")
            % {"fits": fits, "folds": rules.folds, "repeats": rules.repeats},
        ),
        Fact(_("Primary metric"), title_of(rules.primary_metric)),
        Fact(_("Threshold"), _threshold(protocol)),
        Fact(_("Left out"), ", ".join(rules.excluded) or _("nothing by hand")),
        *_gaps(protocol),
        Fact(_("Protocol"), f"{protocol.version} · {protocol.digest[:12]}"),
    ]


def _gaps(protocol: Protocol) -> list[Fact]:
    """Return how missing values are filled, and what was planned for them since."""
    plans = f"{protocol.data_set_version.data_set.get_absolute_url()}#mitigations"
    found = [Fact(_("Missing values"), filled_words(protocol), plans)]
    if words := not_filled_words(protocol):
        found.append(Fact(_("Planned, not done here"), words, plans))
    return found


def _threshold(protocol: Protocol) -> str:
    if protocol.value_case is None:
        return _("a probability of one half")
    return _("set by money out of fold, value case %(version)s") % {
        "version": protocol.value_case.version
    }


def proposal(board: Board) -> str:
    """Return a first draft of the conclusion, made of stored facts alone."""
    best = next((line.run for line in board.lines if line.run.is_priced), None)
    if best is None:
        return ""
    currency = board.experiment.project.currency
    parts = [
        board.answer,
        _("9 times in 10 it is worth between %(low)s and %(high)s a year.")
        % {
            "low": money(best.money_low or 0, currency),
            "high": money(best.money_high or 0, currency),
        },
        board.aside,
    ]
    return " ".join(part for part in parts if part)


def frozen(experiment: Experiment) -> dict[str, Any]:
    """Return what a conclusion stands on, as plain values."""
    board = board_of(experiment)
    case = current_case(experiment.project)
    return {
        "hypothesis": experiment.hypothesis,
        "protocol": board.protocol.digest if board.protocol else "",
        "value_case": case.digest,
        "currency": experiment.project.currency,
        "runs": [
            {
                "id": line.run.pk,
                "name": line.run.name,
                "family": line.run.family,
                "primary": line.run.primary_value,
                "primary_low": line.run.primary_low,
                "primary_high": line.run.primary_high,
                "money_mean": line.run.money_mean,
                "money_p5": line.run.money_low,
                "money_p95": line.run.money_high,
                "money_group": line.run.money_group,
                "musts_met": line.met,
                "digests": line.run.digests,
            }
            for line in board.lines
        ],
        "policies": [
            {"label": str(row.label), "mean": row.mean, "p5": row.low, "p95": row.high}
            for row in board.policies
        ],
    }
