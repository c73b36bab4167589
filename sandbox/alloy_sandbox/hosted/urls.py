"""Paths as Alloy has them, on its hosts cdn.runalloy.com, app.runalloy.com, api.runalloy.com."""

from __future__ import annotations

from django.urls import path

from alloy_sandbox.hosted import views

app_name = "hosted"

urlpatterns = [
    path("forge-install", views.modal, name="modal"),
    path("embedded-install", views.link, name="link"),
    path("api/strategy/<name>/authorize", views.log_in, name="log-in"),
    path("authenticate-app", views.authenticate, name="authenticate"),
]
