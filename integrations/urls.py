"""Webhooks, to be mounted at the root: Alloy's dashboard holds these URLs."""

from __future__ import annotations

from django.urls import path

from integrations.inbox.webhooks import webhook

urlpatterns = [
    path("webhooks/alloy/<str:token>/installations/", webhook, {"kind": "installations"}),
    path("webhooks/alloy/<str:token>/orders/", webhook, {"kind": "orders"}),
    path("webhooks/alloy/<str:token>/errors/", webhook, {"kind": "errors"}),
]
