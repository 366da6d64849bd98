"""Every address of the portal."""

from django.urls import include, path

from mlops_portal import views

handler404 = views.not_found

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("p/<slug:slug>/", views.project_overview, name="project_overview"),
    path("p/<slug:slug>/activity/", views.project_activity, name="project_activity"),
    path("p/<slug:slug>/activity/restore/", views.trash_restore, name="trash_restore"),
    path("jobs/<uuid:pk>/", views.job_progress, name="job_progress"),
    path("jobs/<uuid:pk>/cancel/", views.job_cancel, name="job_cancel"),
    path("api/", include("mlops_portal.api")),
    path("", include("core.urls")),
    path("", include("projects.urls")),
    path("", include("experiments.urls")),
    path("", include("dataquality.urls")),
]
