"""The doctor's page: a button that runs the checks, and the table of what they found."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods

from integrations.admin.pages import HistoryAdmin
from integrations.contrib.doctor.checks import all_is_well, run_checks
from integrations.contrib.doctor.models import SetupCheck


@admin.register(SetupCheck)
class SetupCheckAdmin(HistoryAdmin):
    """One page, for operators who have the permission to view set-up checks."""

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the button; a POST runs the checks, which takes seconds and asks Alloy."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        results = run_checks() if request.method == "POST" else []
        return self.page(
            request,
            "admin/alloy_doctor/doctor.html",
            title="Check the set-up",
            results=results,
            all_is_well=all_is_well(results),
        )

    def get_object(self, *_: Any, **__: Any) -> None:
        """Return None: no check is kept, so there is no page about one."""
