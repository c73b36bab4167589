"""Webhooks, to be mounted at the root: Alloy's dashboard holds these URLs."""

from __future__ import annotations

from django.urls import re_path

from integrations.inbox.webhooks import webhook

urlpatterns = [
    # With or without the last slash: a redirect would lose what Alloy posted.
    re_path(
        r"^webhooks/alloy/(?P<token>[^/]+)/(?P<kind>installations|orders|errors)/?$",
        webhook,
        name="alloy-webhook",
    ),
]
