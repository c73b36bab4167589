"""Paths as Alloy has them, on the hosts cdn.runalloy.com and app.runalloy.com."""

from __future__ import annotations

from django.urls import path

from sandbox.hosted import views

app_name = "hosted"

urlpatterns = [
    path("scripts/embedded.js", views.embedded_script, name="embedded-script"),
    path("forge-install", views.modal, name="modal"),
    path("embedded-install", views.link, name="link"),
    path("authenticate-app", views.authenticate, name="authenticate"),
]
