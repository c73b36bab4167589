"""All addresses of this app, to be included once, under whatever prefix: the page of integrations
and what hangs on it, the webhooks, and the pages of the contrib apps that are installed.
"""

from __future__ import annotations

from importlib.util import find_spec

from django.apps import apps
from django.urls import URLPattern, URLResolver, include, path, re_path

from integrations.destinations import ROUTE
from integrations.pages import actions, views
from integrations.webhooks import webhook


def _installed_parts() -> list[URLResolver]:
    parts = [each.name for each in apps.get_app_configs() if each.name.startswith(_CONTRIB)]
    return [path("", include(f"{name}.urls")) for name in parts if find_spec(f"{name}.urls")]


_ONE = "<str:integration_id>/"
_CONTRIB = "integrations.contrib."
_PAGES: list[URLPattern] = [
    path("", views.integrations_page, name="list"),
    path("check/", views.check_now, name="check"),
    path(_ONE, views.integration_detail, name="detail"),
    path(_ONE + "news/", views.whats_new, name="news"),
    path(_ONE + "connect/", views.connect, name="connect"),
    path(_ONE + "update/", views.update, name="update"),
    path(_ONE + "pause/", actions.pause, name="pause"),
    path(_ONE + "resume/", actions.resume, name="resume"),
    path(_ONE + "pause-everything/", actions.pause_everything, name="pause-everything"),
    path(_ONE + "resume-everything/", actions.resume_everything, name="resume-everything"),
    path(_ONE + "uninstall/", actions.uninstall, name="uninstall"),
]
_WEBHOOKS: list[URLPattern] = [
    re_path(f"^{ROUTE}", webhook, name="webhook"),
]

urlpatterns = [
    *_installed_parts(),  # first: "connections" must not be taken for the id of an integration
    path("integrations/", include((_PAGES, "integrations"))),
    path("webhooks/alloy/", include((_WEBHOOKS, "alloy_webhooks"))),
]
