"""Addresses of the design phase, in the order of the loop."""

from django.urls import URLPattern, URLResolver, include, path

from projects.views import (
    asking,
    comments,
    decisions,
    estimate,
    gates,
    guest,
    guest_metrics,
    guest_signing,
    metric_links,
    metrics,
    people,
    project,
    realised,
    requirement_answers,
    requirement_deriving,
    requirement_files,
    requirements,
    sharing,
    value,
    value_edit,
    webhooks,
)
from projects.views.portfolio import optimiser, platforms
from projects.views.portfolio import pages as portfolio_pages
from projects.views.portfolio import rates as portfolio_rates

app_name = "projects"
people_room = [
    path("settings/", project.settings, name="settings"),
    path("settings/members/", project.member_add, name="member_add"),
    path("settings/members/<int:pk>/", project.member_change, name="member_change"),
    path("settings/webhooks/", webhooks.webhooks, name="webhooks"),
    path("settings/webhooks/<int:pk>/", webhooks.webhook, name="webhook"),
    path(
        "settings/webhooks/<int:pk>/test/", webhooks.webhook_test, name="webhook_test"
    ),
    path(
        "settings/webhooks/<int:pk>/secret/",
        webhooks.webhook_secret,
        name="webhook_secret",
    ),
    path(
        "settings/webhooks/<int:pk>/redeliver/",
        webhooks.webhook_redeliver,
        name="webhook_redeliver",
    ),
    path(
        "settings/webhooks/<int:pk>/remove/",
        webhooks.webhook_remove,
        name="webhook_remove",
    ),
    path("settings/archive/", project.project_archive, name="project_archive"),
    path("settings/delete/", project.project_delete, name="project_delete"),
    path("settings/restore/", project.project_restore, name="project_restore"),
    path("shared/<int:pk>/revoke/", sharing.shared_revoke, name="shared_revoke"),
    path("people/", people.people, name="people"),
    path("people/new/", people.person_add, name="person_add"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/remove/", people.person_remove, name="person_remove"),
    path(
        "people/invitations/<int:pk>/remind/",
        asking.invitation_remind,
        name="invitation_remind",
    ),
    path(
        "people/invitations/<int:pk>/revoke/",
        asking.invitation_revoke,
        name="invitation_revoke",
    ),
]
value_room = [
    path("value/", value.value, name="value"),
    path("value/reveal/", value.value_reveal, name="value_reveal"),
    path("value/analysis/", value.value_analysis, name="value_analysis"),
    path("value/analyse/", value.value_analyse, name="value_analyse"),
    path("value/together/", value.value_together, name="value_together"),
    path("value/settle/<int:pk>/", value.range_settle, name="range_settle"),
    path("value/edit/", value_edit.value_edit, name="value_edit"),
    path(
        "value/edit/preview/",
        value_edit.value_edit_preview,
        name="value_edit_preview",
    ),
    path(
        "value/versions/<int:pk>/restore/",
        value_edit.value_restore,
        name="value_restore",
    ),
    path("value/quantities/new/", value_edit.quantity_add, name="quantity_add"),
    path("value/quantities/<int:pk>/", value_edit.quantity_edit, name="quantity_edit"),
    path(
        "value/quantities/<int:pk>/remove/",
        value_edit.quantity_remove,
        name="quantity_remove",
    ),
    path("value/estimate/", estimate.estimate, name="estimate"),
    path("value/estimate/join/", estimate.estimate_join, name="estimate_join"),
    path("value/estimate/preview/", estimate.estimate_preview, name="estimate_preview"),
    path("value/estimate/keep/", estimate.estimate_keep, name="estimate_keep"),
    path("value/realised/", realised.realised, name="realised"),
    path(
        "value/realised/<int:pk>/correct/",
        realised.realised_correct,
        name="realised_correct",
    ),
    path("value/ask/", asking.value_ask, name="value_ask"),
    path("value/round/", asking.value_round, name="value_round"),
]
# /i/<secret>/: what somebody with a link sees
guest_pages = [
    path("", guest.invitation, name="invitation"),
    path("estimate/", guest.guest_estimate, name="guest_estimate"),
    path("estimate/preview/", guest.guest_preview, name="guest_preview"),
    path("estimate/keep/", guest.guest_keep, name="guest_keep"),
    path("thanks/", guest.guest_receipt, name="guest_receipt"),
    path("metrics/", guest_metrics.guest_metrics, name="guest_metrics"),
    path(
        "metrics/thanks/",
        guest_metrics.guest_metrics_receipt,
        name="guest_metrics_receipt",
    ),
    path("decline/", guest.guest_decline, name="guest_decline"),
    path("sign/", guest_signing.guest_signing, name="guest_signing"),
    path("sign/code/", guest_signing.guest_code, name="guest_code"),
]
# /s/<secret>/: what somebody with a shared link reads
shared_pages = [
    path("", sharing.shared, name="shared"),
    path("opened/", sharing.shared_opened, name="shared_opened"),
]
requirements_room = [
    path("requirements/", requirements.requirements, name="requirements"),
    path(
        "requirements/new/", requirements.requirement_create, name="requirement_create"
    ),
    path("requirements/derive/", requirement_deriving.derive, name="derive"),
    path(
        "requirements/export/",
        requirement_files.requirements_export,
        name="requirements_export",
    ),
    path(
        "requirements/import/",
        requirement_files.requirements_import,
        name="requirements_import",
    ),
    path("requirements/<int:pk>/", requirements.requirement, name="requirement"),
    path(
        "requirements/<int:pk>/edit/",
        requirements.requirement_edit,
        name="requirement_edit",
    ),
    path(
        "requirements/<int:pk>/derive/",
        requirement_deriving.requirement_derive,
        name="requirement_derive",
    ),
    path(
        "requirements/<int:pk>/answers/",
        requirement_answers.requirement_answers,
        name="requirement_answers",
    ),
    path(
        "requirements/<int:pk>/attest/",
        requirement_answers.requirement_attest,
        name="requirement_attest",
    ),
    path(
        "requirements/<int:pk>/documents/<slug:digest>/",
        requirement_answers.requirement_document,
        name="requirement_document",
    ),
    path(
        "requirements/<int:pk>/versions/<int:number>/restore/",
        requirements.requirement_version_restore,
        name="requirement_version_restore",
    ),
    path(
        "requirements/<int:pk>/delete/",
        requirements.requirement_delete,
        name="requirement_delete",
    ),
    path(
        "requirements/<int:pk>/restore/",
        requirements.requirement_restore,
        name="requirement_restore",
    ),
]
metrics_room = [
    path("metrics/", metrics.metrics, name="metrics"),
    path("metrics/ask/", asking.metrics_ask, name="metrics_ask"),
    path("metrics/say/", metrics.metric_say, name="metric_say"),
    path("metrics/new/", metrics.metric_create, name="metric_create"),
    path(
        "metrics/agreement/",
        metrics.metric_agreement_keep,
        name="metric_agreement_keep",
    ),
    path(
        "metrics/links/new/", metric_links.metric_link_create, name="metric_link_create"
    ),
    path("metrics/links/<int:pk>/", metric_links.metric_link, name="metric_link"),
    path(
        "metrics/links/<int:pk>/remove/",
        metric_links.metric_link_remove,
        name="metric_link_remove",
    ),
    path("metrics/<int:pk>/", metrics.metric, name="metric"),
    path("metrics/<int:pk>/edit/", metrics.metric_edit, name="metric_edit"),
    path("metrics/<int:pk>/unsay/", metrics.metric_unsay, name="metric_unsay"),
    path("metrics/<int:pk>/retire/", metrics.metric_retire, name="metric_retire"),
    path("metrics/<int:pk>/restore/", metrics.metric_restore, name="metric_restore"),
]
decisions_room = [
    path("decisions/", decisions.decisions, name="decisions"),
    path("decisions/new/", decisions.decision_create, name="decision_create"),
    path("decisions/<int:pk>/", decisions.decision, name="decision"),
    path("decisions/<int:pk>/edit/", decisions.decision_edit, name="decision_edit"),
    path("decisions/<int:pk>/sign/", decisions.decision_sign, name="decision_sign"),
    path("decisions/<int:pk>/ask/", decisions.decision_ask, name="decision_ask"),
    path(
        "decisions/<int:pk>/withdraw/",
        decisions.decision_withdraw,
        name="decision_withdraw",
    ),
    path("decisions/<int:pk>/share/", decisions.decision_share, name="decision_share"),
    path("decisions/<int:pk>/pdf/", decisions.decision_pdf, name="decision_pdf"),
    path("decisions/gates/<slug:gate>/", gates.gate, name="gate"),
    path(
        "decisions/gates/<slug:gate>/settings/",
        gates.gate_settings,
        name="gate_settings",
    ),
    path("decisions/launch/", gates.project_launch, name="project_launch"),
    path(
        "decisions/launch/back/", gates.project_launch_back, name="project_launch_back"
    ),
]

talk = [
    path("comments/", comments.comment_post, name="comment_post"),
    path("comments/people/", comments.comment_people, name="comment_people"),
    path("comments/on/<str:kind>/<str:subject>/", comments.thread, name="thread"),
    path("comments/<int:pk>/edit/", comments.comment_edit, name="comment_edit"),
    path("comments/<int:pk>/delete/", comments.comment_delete, name="comment_delete"),
    path(
        "comments/<int:pk>/restore/", comments.comment_restore, name="comment_restore"
    ),
    path(
        "comments/<int:pk>/resolve/", comments.comment_resolve, name="comment_resolve"
    ),
]

portfolio = [
    path("", portfolio_pages.portfolio, name="portfolio"),
    path("bubbles/", portfolio_pages.portfolio_bubbles, name="portfolio_bubbles"),
    path("board/", portfolio_pages.portfolio_board, name="portfolio_board"),
    path("export/", portfolio_pages.portfolio_export, name="portfolio_export"),
    path("optimiser/", optimiser.portfolio_optimiser, name="portfolio_optimiser"),
    path(
        "optimiser/frontier/", optimiser.portfolio_frontier, name="portfolio_frontier"
    ),
    path("scenarios/", optimiser.scenarios, name="scenarios"),
    path("scenarios/new/", optimiser.scenario_save, name="scenario_save"),
    path(
        "scenarios/<int:pk>/delete/", optimiser.scenario_delete, name="scenario_delete"
    ),
    path(
        "scenarios/<int:pk>/restore/",
        optimiser.scenario_restore,
        name="scenario_restore",
    ),
]
portfolio += [
    path("platforms/", platforms.platforms, name="platforms"),
    path("platforms/new/", platforms.platform_create, name="platform_create"),
    path("platforms/<int:pk>/", platforms.platform, name="platform"),
    path("platforms/<int:pk>/edit/", platforms.platform_edit, name="platform_edit"),
    path("platforms/<int:pk>/use/", platforms.platform_use, name="platform_use"),
    path(
        "platforms/<int:pk>/leave/<slug:slug>/",
        platforms.platform_leave,
        name="platform_leave",
    ),
    path(
        "platforms/<int:pk>/delete/", platforms.platform_delete, name="platform_delete"
    ),
    path(
        "platforms/<int:pk>/restore/",
        platforms.platform_restore,
        name="platform_restore",
    ),
]
# /manage/rates/
rates = [
    path("", portfolio_rates.rates, name="rates"),
    path("<int:pk>/delete/", portfolio_rates.rate_delete, name="rate_delete"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("projects/", project.project_list, name="project_list"),
    path("projects/new/", project.project_create, name="project_create"),
    path("projects/alike/", portfolio_pages.projects_alike, name="projects_alike"),
    path("portfolio/", include(portfolio)),
    path("manage/rates/", include(rates)),
    path("i/<str:secret>/", include(guest_pages)),
    path("s/<str:secret>/", include(shared_pages)),
    path(
        "p/<slug:slug>/",
        include(
            [
                *people_room,
                *value_room,
                *requirements_room,
                *metrics_room,
                *decisions_room,
                *talk,
            ]
        ),
    ),
]
