"""The merchant's pages, to be mounted under /integrations/."""

from __future__ import annotations

from django.urls import path

from integrations.pages import views

app_name = "integrations"
urlpatterns = [
    path("", views.integrations_page, name="list"),
    path("check/", views.check_now, name="check"),
    path("<str:integration_id>/", views.integration_detail, name="detail"),
    path("<str:integration_id>/connect/", views.connect, name="connect"),
    path("<str:integration_id>/update/", views.update, name="update"),
]
