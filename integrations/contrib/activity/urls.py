from __future__ import annotations

from django.urls import path

from integrations.contrib.activity import views

app_name = "alloy_activity"
urlpatterns = [
    path("integrations/<str:integration_id>/activity/", views.activity, name="runs"),
    path("integrations/<str:integration_id>/activity/run/", views.payload, name="payload"),
    path("integrations/<str:integration_id>/sparkline/", views.sparkline, name="sparkline"),
    path("integrations/<str:integration_id>/rerun/", views.rerun, name="rerun"),
]
