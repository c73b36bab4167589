"""The URLs of all pages."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from acmeco import health
from acmeco.csp_reports import csp_report
from acmeco.privacy import views as privacy
from acmeco.views import favicon, home, robots

handler400 = "acmeco.views.bad_request"
handler429 = "acmeco.views.too_many_tries"  # allauth asks for it
handler500 = "acmeco.views.server_error"

urlpatterns = [
    path("", home, name="home"),
    path("orders/", include("orders.urls")),
    path("settings/", privacy.settings_page, name="settings"),
    path("settings/preferences/", privacy.preferences, name="preferences"),
    path("settings/export/", privacy.export_data, name="export-data"),
    path("settings/erase-logs/", privacy.erase_logs, name="erase-logs"),
    path("settings/erase-account/", privacy.erase_account, name="erase-account"),
    path("meetings/", include("meetings.urls")),
    path("accounts/", include("accounts.urls")),
    path("admin/", admin.site.urls),
    path("language/", set_language, name="set_language"),  # of a visitor without an account
    path("favicon.ico", favicon),
    path("robots.txt", robots),
    path("metrics", health.metrics),  # /healthz and /readyz: see acmeco/health.py
    path("csp-report", csp_report, name="csp-report"),
    path("", include("integrations.urls")),
]
