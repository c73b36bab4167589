"""The merchant's pages, to be mounted under /integrations/."""

from __future__ import annotations

from django.urls import path

from integrations.pages import actions, links, views

app_name = "integrations"
urlpatterns = [
    path("", views.integrations_page, name="list"),
    path("check/", views.check_now, name="check"),
    path("<str:integration_id>/", views.integration_detail, name="detail"),
    path("<str:integration_id>/connect/", views.connect, name="connect"),
    path("<str:integration_id>/update/", views.update, name="update"),
    path("<str:integration_id>/activity/", actions.activity, name="activity"),
    path("<str:integration_id>/pause/", actions.pause, name="pause"),
    path("<str:integration_id>/resume/", actions.resume, name="resume"),
    path(
        "<str:integration_id>/pause-everything/", actions.pause_everything, name="pause-everything"
    ),
    path("<str:integration_id>/uninstall/", actions.uninstall, name="uninstall"),
    path("<str:integration_id>/rerun/", actions.rerun, name="rerun"),
    path("<str:integration_id>/links/", links.make_link, name="link"),
    path("<str:integration_id>/links/<int:pk>/", links.link_state, name="link-state"),
]
