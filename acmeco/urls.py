"""Where every page lives."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from acmeco import health
from acmeco.views import home

urlpatterns = [
    path("", home, name="home"),
    path("orders/", include("orders.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("integrations/", include("integrations.pages.urls")),
    path("", include("integrations.urls")),
]
