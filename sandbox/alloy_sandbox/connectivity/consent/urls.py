"""The OAuth broker, at api.runalloy.com: a page for people, hence not among the API calls."""

from __future__ import annotations

from django.urls import path

from alloy_sandbox.connectivity.consent import views

app_name = "consent"

urlpatterns = [
    path("api/strategy/connector/<connector_id>/authorize", views.consent, name="consent"),
]
