"""Actions of an operator: in the list for many rows, and the same as a button on one row's page.

Both take the same way, so that permission, message and audit are written once.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.contrib.auth import get_permission_codename
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from integrations.admin.history import HistoryAdmin

_REPEATED = (ACTION_CHECKBOX_NAME, "select_across", "from_page")


class OperatorAdmin(HistoryAdmin):
    """History with actions for whoever may change it; declare them with permissions=["operate"]."""

    at_once = 1000  # rows an action takes on, so that it ends before the request is given up

    def buttons(self, row: Any) -> dict[str, str]:
        """Return the actions that make sense for the row as it is: their names and labels."""
        return {}

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Say whether the user may act; looking needs no more than the permission to view."""
        codename = get_permission_codename("change", self.opts)
        return request.user.has_perm(f"{self.opts.app_label}.{codename}")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        """Add a button for each action that makes sense and that the user may take."""
        allowed = self.get_actions(request)
        buttons = self.buttons(context["original"])
        context["buttons"] = {name: buttons[name] for name in buttons if name in allowed}
        return super().render_change_form(request, context, *args, **options)

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *where: Any, **options: Any
    ) -> HttpResponse | None:
        """Answer an action; one that came from a row's page leads back to that page."""
        response = super().response_action(request, queryset, *where, **options)
        if response is None or response.status_code != 302 or "from_page" not in request.POST:
            return response
        return redirect(
            admin_urlname(self.opts, "change"),  # type: ignore[arg-type]
            request.POST[ACTION_CHECKBOX_NAME],
        )

    def tell_of_the_rest(self, request: HttpRequest, done: int) -> None:
        """Say so when there may be more than one request could do."""
        if done == self.at_once:
            told = f"That was {done:,}, the most there can be at once. For the rest, do it again."
            self.message_user(request, told, messages.WARNING)

    def confirm(
        self,
        request: HttpRequest,
        rows: QuerySet[Any],
        *,
        action: str,
        question: str,
        label: str = "",
    ) -> HttpResponse | None:
        """Return a page that asks before something that cannot be undone; None once confirmed."""
        if "confirmed" in request.POST:
            return None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": question,
            "action": action,
            "label": label or action.capitalize(),
            "posted": [(key, each) for key in _REPEATED for each in request.POST.getlist(key)],
            "rows": rows[:20],
            "more": rows[20 : self.at_once].count(),
        }
        return TemplateResponse(request, "admin/integrations/confirm.html", context)
