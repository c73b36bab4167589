"""The connections page, to be mounted at /integrations/connections/, before /integrations/."""

from __future__ import annotations

from django.urls import path

from integrations.connections import returning, views

app_name = "connections"
urlpatterns = [
    path("", views.connections_page, name="list"),
    path("check/", views.check_now, name="check"),
    path("callback/<str:token>/", returning.callback, name="callback"),
    path("connect/<str:connector_id>/", views.connect, name="connect"),
    path("<int:pk>/disconnect/", views.disconnect, name="disconnect"),
]
