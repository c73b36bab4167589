"""The admin as a whole: its name, and who gets in."""

from __future__ import annotations

from functools import update_wrapper
from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation


class OperationsSite(AdminSite):
    """Operators log in where everybody does, and in production in two steps."""

    site_header = "AcmeCo operations"
    site_title = "AcmeCo"
    index_title = "What is going on"
    enable_nav_sidebar = False  # the tables need the room

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Wrap a view so that it answers in English and UTC, as the logs are written."""

        def in_english(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            translation.activate(settings.LANGUAGE_CODE)
            timezone.deactivate()
            return view(request, *args, **kwargs)

        return super().admin_view(update_wrapper(in_english, view), cacheable)

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not _lacks_second_factor(request)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to the one login form, or to where the second step is turned on."""
        if super().has_permission(request) and _lacks_second_factor(request):
            messages.warning(request, "Operators log in in two steps: turn the second one on.")
            return redirect("mfa_index")
        response: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return response

    def password_change(  # type: ignore[override]  # no template, but a way elsewhere
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """Lead to the page for everybody, which counts wrong passwords."""
        return redirect("account_change_password")


def _lacks_second_factor(request: HttpRequest) -> bool:
    return settings.ADMIN_NEEDS_SECOND_FACTOR and not is_mfa_enabled(request.user)
