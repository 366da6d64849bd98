"""Addresses of a project's data."""

from django.urls import URLPattern, URLResolver, include, path

from dataquality.views import (
    cards,
    checks,
    compare,
    data_sets,
    reconciliations,
    sources,
    versions,
    watching,
)

app_name = "dataquality"
one_version: list[URLPattern | URLResolver] = [
    path("", versions.version, name="version"),
    path("columns/", versions.version_columns, name="version_columns"),
    path("answer/", versions.version_answer, name="version_answer"),
    path("assess/", versions.version_assess, name="version_assess"),
    path("original/", versions.version_original, name="version_original"),
    path("table/", versions.version_table, name="version_table"),
    path("drift/", compare.version_drift, name="version_drift"),
    path("reference/", compare.version_reference, name="version_reference"),
    path("table.csv", cards.version_csv, name="version_csv"),
    path("delete/", cards.version_delete, name="version_delete"),
    path("restore/", cards.version_restore, name="version_restore"),
    path("tags/", cards.version_tag, name="version_tag"),
    path("tags/remove/", cards.version_untag, name="version_untag"),
    path("report.html", versions.version_report, name="version_report"),
    path("checks/<int:pk>/", checks.failing_rows, name="failing_rows"),
    path("checks/<int:pk>/rows/", checks.failing_file, name="failing_file"),
    path("profile.json", versions.version_profile, name="version_profile"),
]
one_reconciliation: list[URLPattern | URLResolver] = [
    path("", reconciliations.reconciliation, name="reconciliation"),
    path(
        "differences.parquet",
        reconciliations.reconciliation_parquet,
        name="reconciliation_parquet",
    ),
    path(
        "differences.csv",
        reconciliations.reconciliation_csv,
        name="reconciliation_csv",
    ),
    path(
        "delete/", reconciliations.reconciliation_delete, name="reconciliation_delete"
    ),
    path(
        "restore/",
        reconciliations.reconciliation_restore,
        name="reconciliation_restore",
    ),
]
checks_of_data_set: list[URLPattern | URLResolver] = [
    path("", checks.checks, name="checks"),
    path("new/", checks.check_new, name="check_new"),
    path("run/", checks.checks_run, name="checks_run"),
    path("accept/", checks.checks_accept, name="checks_accept"),
    path("import/", checks.checks_import, name="checks_import"),
    path("export/<slug:form>/", checks.checks_export, name="checks_export"),
    path("<int:pk>/", checks.check_edit, name="check_edit"),
    path("<int:pk>/delete/", checks.check_delete, name="check_delete"),
    path("<int:pk>/restore/", checks.check_restore, name="check_restore"),
]
one_data_set: list[URLPattern | URLResolver] = [
    path("", data_sets.data_set, name="data_set"),
    path("upload/", data_sets.data_set_upload, name="data_set_upload"),
    path("uploads/<int:pk>/drop/", data_sets.upload_drop, name="upload_drop"),
    path("source/", sources.source, name="source"),
    path("source/fetch/", sources.source_fetch, name="source_fetch"),
    path("source/check/", sources.source_check, name="source_check"),
    path("source/remove/", sources.source_remove, name="source_remove"),
    path("checks/", include(checks_of_data_set)),
    path("edit/", data_sets.data_set_edit, name="data_set_edit"),
    path("delete/", data_sets.data_set_delete, name="data_set_delete"),
    path("restore/", data_sets.data_set_restore, name="data_set_restore"),
    path("monitor/", watching.data_set_monitor, name="data_set_monitor"),
    path(
        "alerts/<int:pk>/acknowledge/",
        watching.alert_acknowledge,
        name="alert_acknowledge",
    ),
    path("alerts/<int:pk>/snooze/", watching.alert_snooze, name="alert_snooze"),
    path("mitigations/new/", watching.mitigation_create, name="mitigation_create"),
    path(
        "mitigations/<int:pk>/state/",
        watching.mitigation_state,
        name="mitigation_state",
    ),
    path("compare/", compare.compare, name="compare"),
    path("compare/column/", compare.compare_column, name="compare_column"),
    path("compare/drift/", compare.compare_drift, name="compare_drift"),
    path("card/", cards.data_card, name="data_card"),
    path("reconciliations/", reconciliations.reconciliations, name="reconciliations"),
    path(
        "reconciliations/new/",
        reconciliations.reconciliation_create,
        name="reconciliation_create",
    ),
    path("reconciliations/<int:pk>/", include(one_reconciliation)),
    path("v/<int:number>/", include(one_version)),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("p/<slug:slug>/data/", data_sets.data_sets, name="data_sets"),
    path("p/<slug:slug>/data/new/", data_sets.data_set_create, name="data_set_create"),
    path("p/<slug:slug>/data/<slug:name>/", include(one_data_set)),
]
