"""Addresses of the design phase, in the order of the loop."""

from django.urls import URLPattern, URLResolver, include, path

from projects.views import decisions, metrics, requirements

app_name = "projects"
requirements_room = [
    path("requirements/", requirements.requirements, name="requirements"),
    path(
        "requirements/new/", requirements.requirement_create, name="requirement_create"
    ),
    path("requirements/derive/", requirements.derive, name="derive"),
    path("requirements/<int:pk>/", requirements.requirement, name="requirement"),
    path(
        "requirements/<int:pk>/edit/",
        requirements.requirement_edit,
        name="requirement_edit",
    ),
    path(
        "requirements/<int:pk>/attest/",
        requirements.requirement_attest,
        name="requirement_attest",
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
    path("metrics/say/", metrics.metric_say, name="metric_say"),
    path("metrics/new/", metrics.metric_create, name="metric_create"),
]
decisions_room = [
    path("decisions/", decisions.decisions, name="decisions"),
    path("decisions/new/", decisions.decision_create, name="decision_create"),
    path("decisions/<int:pk>/", decisions.decision, name="decision"),
    path("decisions/<int:pk>/edit/", decisions.decision_edit, name="decision_edit"),
    path("decisions/<int:pk>/sign/", decisions.decision_sign, name="decision_sign"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "p/<slug:slug>/", include([*requirements_room, *metrics_room, *decisions_room])
    ),
]
