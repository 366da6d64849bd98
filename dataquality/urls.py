"""Addresses of a project's data."""

from django.urls import URLPattern, URLResolver, include, path

from dataquality.views import data_sets, rules, sources, versions

app_name = "dataquality"
one_version: list[URLPattern | URLResolver] = [
    path("", versions.version, name="version"),
    path("columns/", versions.version_columns, name="version_columns"),
    path("answer/", versions.version_answer, name="version_answer"),
    path("assess/", versions.version_assess, name="version_assess"),
    path("original/", versions.version_original, name="version_original"),
    path("table/", versions.version_table, name="version_table"),
    path("report.html", versions.version_report, name="version_report"),
    path("profile.json", versions.version_profile, name="version_profile"),
]
one_data_set: list[URLPattern | URLResolver] = [
    path("", data_sets.data_set, name="data_set"),
    path("upload/", data_sets.data_set_upload, name="data_set_upload"),
    path("rules/", rules.rules_edit, name="rules_edit"),
    path("rules/json/", rules.rules_json, name="rules_json"),
    path("source/", sources.source, name="source"),
    path("source/fetch/", sources.source_fetch, name="source_fetch"),
    path("source/check/", sources.source_check, name="source_check"),
    path("source/remove/", sources.source_remove, name="source_remove"),
    path("edit/", data_sets.data_set_edit, name="data_set_edit"),
    path("delete/", data_sets.data_set_delete, name="data_set_delete"),
    path("restore/", data_sets.data_set_restore, name="data_set_restore"),
    path("compare/", versions.compare, name="compare"),
    path("v/<int:number>/", include(one_version)),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("p/<slug:slug>/data/", data_sets.data_sets, name="data_sets"),
    path("p/<slug:slug>/data/new/", data_sets.data_set_create, name="data_set_create"),
    path("p/<slug:slug>/data/<slug:name>/", include(one_data_set)),
]
