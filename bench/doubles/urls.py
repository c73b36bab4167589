"""AcmeCo's pages, and beside two of them what most projects begin with in their place."""

from __future__ import annotations

from django.urls import path

from acmeco.urls import handler500, urlpatterns
from bench.doubles import views

__all__ = ["handler500", "urlpatterns"]

urlpatterns = [
    path("plain/integrations/", views.integrations_asked_for_each_time),
    path("plain/webhook/", views.webhook_written_down),
    *urlpatterns,
]
