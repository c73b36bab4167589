"""Pages that show what happened, let nobody rewrite it, and stay quick as tables grow."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.core.paginator import Paginator
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse

CAP = 10_000

row_shown = Signal()
"""An operator looks at a row; its model sends. `row`. Receivers return links, as HTML, to show."""


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages through the newest rows only: counting ten million takes seconds and tells nothing."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, at most `CAP`."""
        rows: Any = self.object_list
        return int(rows.order_by("-pk").values("pk")[:CAP].count())

    @property
    def is_capped(self) -> bool:
        """Whether there may be more rows than were counted."""
        return self.count == CAP


class ReadOnly(BaseModelAdmin):  # type: ignore[type-arg]
    """Nothing can be added, changed or deleted by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return list(self.get_fields(request, obj))


class HistoryAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows newest first, to look at; with links to what they belong to."""

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    ordering = ("-pk",)
    sortable_by = ()
    change_form_template = "admin/integrations/change_form.html"

    class Media:
        css = {"all": ("integrations/admin.css",)}  # noqa: RUF012 -- Django reads this shape

    def links(self, row: Any) -> Iterable[str]:
        """Return the links to show on top of a row's page."""
        return ()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        """Add the links to the page."""
        row = context["original"]
        more: Any = row_shown.send(sender=type(row), row=row)
        context["links"] = [*self.links(row), *(each for _, links in more for each in links)]
        return super().render_change_form(request, context, *args, **options)


class HistoryInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """Rows that belong to the one shown, to look at."""

    extra = 0
    show_change_link = True
