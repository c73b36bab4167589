from __future__ import annotations

from django.urls import path

from integrations.contrib.connectivity import returning, views

app_name = "alloy_connectivity"
urlpatterns = [
    path("integrations/connections/", views.connections_page, name="list"),
    path("integrations/service/<str:connector_id>/", views.service_page, name="service"),
    path("integrations/connections/callback/<str:token>/", returning.callback, name="callback"),
    path("integrations/connections/connect/<str:connector_id>/", views.connect, name="connect"),
    path("integrations/connections/<int:pk>/disconnect/", views.disconnect, name="disconnect"),
]
