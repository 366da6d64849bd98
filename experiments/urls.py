"""Addresses of experiments, runs and reports, in the order of the loop."""

from django.urls import URLPattern, URLResolver, include, path

from experiments.views import boards, files, reports, runs, trials

app_name = "experiments"
experiments_room = [
    path("experiments/", boards.experiments, name="experiments"),
    path("experiments/new/", trials.experiment_create, name="experiment_create"),
    path("experiments/<int:pk>/", boards.experiment, name="experiment"),
    path("experiments/<int:pk>/progress/", boards.progress, name="progress"),
    path("experiments/<int:pk>/train/", trials.train, name="train"),
    path(
        "experiments/<int:pk>/conclude/",
        reports.experiment_conclude,
        name="experiment_conclude",
    ),
    path(
        "experiments/<int:pk>/archive/",
        trials.experiment_archive,
        name="experiment_archive",
    ),
    path(
        "experiments/<int:pk>/restore/",
        trials.experiment_restore,
        name="experiment_restore",
    ),
]
runs_room = [
    path("runs/", runs.runs, name="runs"),
    path("runs/compare/", runs.compare, name="compare"),
    path("runs/export/", runs.runs_export, name="runs_export"),
    path("runs/change/", runs.runs_change, name="runs_change"),
    path("runs/price/", runs.runs_price, name="runs_price"),
    path("runs/<slug:pk>/", runs.run, name="run"),
    path("runs/<slug:pk>/nominate/", runs.run_nominate, name="run_nominate"),
    path("runs/<slug:pk>/promote/", runs.run_promote, name="run_promote"),
    path("runs/<slug:pk>/slices/", runs.run_slices, name="run_slices"),
    path("runs/<slug:pk>/restore/", runs.run_restore, name="run_restore"),
    path("runs/<slug:pk>/retry/", trials.run_retry, name="run_retry"),
    path("runs/<slug:pk>/files/<path:path>", files.run_file, name="run_file"),
]
reports_room = [
    path("reports/<int:pk>/", reports.report, name="report"),
    path("reports/<int:pk>/share/", reports.report_share, name="report_share"),
    path("reports/<int:pk>/download/", reports.report_download, name="report_download"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("p/<slug:slug>/", include([*experiments_room, *runs_room, *reports_room])),
]
