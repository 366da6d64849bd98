"""Every address of the portal."""

from django.urls import include, path

from mlops_portal import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("", include("core.urls")),
    path("", include("projects.urls")),
]
