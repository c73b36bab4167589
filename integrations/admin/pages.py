"""The pages that all lists and rows in the admin share: history to look at, and buttons.

Nothing counts or sorts a whole table: a list shows the newest rows, and whatever it is searched or
narrowed by has an index.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import BaseModelAdmin, IncorrectLookupParameters
from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.contrib.admin.utils import model_ngettext
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_permission_codename
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.core.validators import ProhibitNullCharactersValidator
from django.db import DataError
from django.db.models import Model, Q, QuerySet
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from integrations import conf
from integrations.admin.rows import ChosenRow, listed
from integrations.pages.access import refuse_other_charsets

CAP = 10_000
"""Rows of a list that are counted and can be paged through."""

row_shown = Signal()
"""An operator looks at a row; its model sends. `row`, `request`. Receivers return links to show."""


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


class ForgivingList(ChangeList):
    """A list that answers values no column can hold (year 0, 30 digits) as Django does others."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the rows; what the database cannot even look for was asked by mistake."""
        try:
            super().get_results(request)
        except (DataError, OverflowError, ValueError) as error:
            raise IncorrectLookupParameters(error) from error


class ReadOnly(BaseModelAdmin):  # type: ignore[type-arg]
    """Lets nobody add, change or delete by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return list(self.get_fields(request, obj))


class HistoryInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    """Rows that belong to the one shown, to look at."""

    extra = 0
    show_change_link = True


class HistoryAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows newest first, to look at; with links to what they belong to."""

    indexed: ClassVar[Mapping[str, Q]] = {}
    """For values of `BoundedChoices`: the condition of the partial index that holds such rows."""

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    ordering = ("-pk",)
    sortable_by = ()
    change_form_template = "admin/integrations/change_form.html"

    class Media:
        css = {"all": ("integrations/admin.css",)}  # noqa: RUF012 -- Django reads this shape

    @admin.display(description="of the current key", boolean=True)
    def of_this_key(self, row: Any) -> bool:
        return bool(row.environment == conf.environment())

    def find(self, request: HttpRequest, term: str) -> Q | None:
        """Return what the rows fulfil that are searched for; None leaves it to `search_fields`."""
        return None

    def links(self, row: Any) -> Iterable[str]:
        """Return the links to show on top of a row's page: to others of the same tenant, say."""
        for name in self.chosen_by():
            if key := getattr(row, f"{name}_id"):
                text = f"{self.opts.verbose_name_plural} of this {name}".capitalize()
                yield listed(self.model, text, **{name: key})

    def chosen_by(self) -> list[str]:
        """Return the foreign keys that the list can be narrowed by."""
        pairs = [each for each in self.list_filter if isinstance(each, tuple)]
        return [str(name) for name, list_filter in pairs if list_filter is ChosenRow]

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """Return the row, or None, which leads to the list."""
        refuse_other_charsets(request)
        is_key = _is_key(object_id, of=self.model)
        return super().get_object(request, object_id, from_field) if is_key else None

    def get_changelist(self, request: HttpRequest, **_: Any) -> type[ChangeList]:
        refuse_other_charsets(request)
        return ForgivingList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Narrow the rows to those that `find` finds."""
        term = search_term.strip()
        if term and (found := self.find(request, term)) is not None:
            return queryset.filter(found), False
        return super().get_search_results(request, queryset, term)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        """Add the links to the page."""
        row = context["original"]
        more: Any = row_shown.send(sender=type(row), row=row, request=request)
        context["links"] = [*self.links(row), *(each for _, links in more for each in links)]
        return super().render_change_form(request, context, *args, **options)

    def page(
        self, request: HttpRequest, template: str, *, title: str, **context: Any
    ) -> TemplateResponse:
        """Return a page that looks like the admin's own."""
        refuse_other_charsets(request)
        common = {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media}
        return TemplateResponse(request, template, {**common, "title": title, **context})


def _is_key(text: str, *, of: type[Model]) -> bool:
    """Say whether the text can be a primary key; not every database takes what cannot."""
    key: Any = of._meta.pk
    while key.is_relation:
        key = key.target_field
    try:
        ProhibitNullCharactersValidator()(text)
        key.run_validators(key.to_python(text))
    except ValidationError:
        return False
    return True


class OperatorAdmin(HistoryAdmin):
    """History with operations for whoever may change it.

    An operation is an action of the list, for many rows, and a button on the page of one. Both take
    the same way, so that permission, message and history are written once.
    """

    at_once = 1000  # rows an operation takes on, so that it ends before the request is given up

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Say whether the user may act; looking needs no more than the permission to view."""
        codename = get_permission_codename("change", self.opts)
        return request.user.has_perm(f"{self.opts.app_label}.{codename}")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> HttpResponse:
        """Add a button for each operation that makes sense and that the user may take."""
        row = self.model._default_manager.filter(pk=context["original"].pk)
        allowed: Any = {name: getattr(self, name, None) for name in self.get_actions(request)}
        context["buttons"] = {
            name: each.label
            for name, each in allowed.items()
            if hasattr(each, "when") and row.filter(each.when).exists()
        }
        return super().render_change_form(request, context, *args, **options)

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *where: Any, **options: Any
    ) -> HttpResponse | None:
        """Answer an operation; one that came from a row's page leads back to that page."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if not all(_is_key(each, of=self.model) for each in chosen):
            self.message_user(request, "There is no such row.", messages.WARNING)
            return None
        response = super().response_action(request, queryset, *where, **options)
        is_done = response is not None and response.status_code == 302
        if not is_done or "from_page" not in request.POST or not chosen:
            return response
        return redirect(admin_urlname(self.opts, "change"), chosen[-1])  # type: ignore[arg-type]


def operation(
    name: str,
    label: str,
    do: Callable[[Any], bool | None],
    *,
    done: str,
    when: Q = Q(),  # noqa: B008 -- never changed
    order: Sequence[str] = ("pk",),
    undone: str = "left as they were.",
    question: str = "",
) -> Any:
    """Return an action that calls `do` with each chosen row that fulfils `when`, in that order.

    `done` goes on from "2 messages ", and so does `undone` for those with which `do` did nothing:
    it returns False then. With a `question` it asks first.
    """

    def act(page: OperatorAdmin, request: HttpRequest, chosen: QuerySet[Any]) -> Any:
        rows = chosen.filter(when).order_by(*order)
        if question and "confirmed" not in request.POST:
            return _ask(page, request, rows, name=name, label=label, question=question)
        counts: Counter[str] = Counter()
        for row in rows[: page.at_once]:
            said = undone if do(row) is False else done
            counts[said] += 1
            page.log_change(request, row, f"{label}: {said}")
        for said, number in counts.items():
            level = messages.SUCCESS if said == done else messages.WARNING
            rows_named = f"{number:,} {model_ngettext(page.opts, number)}"
            page.message_user(request, f"{rows_named} {said}", level)
        if counts.total() == page.at_once:
            told = f"{page.at_once:,} is the most there can be at once. For the rest, do it again."
            page.message_user(request, told, messages.WARNING)
        if not counts:
            page.message_user(request, "There is nothing to do for these.", messages.WARNING)
        return None

    act.__name__ = name
    description = f"{label}: the selected %(verbose_name_plural)s"
    action: Any = admin.action(act, permissions=["operate"], description=description)
    action.label, action.when = label, when
    return action


def _ask(
    page: OperatorAdmin, request: HttpRequest, rows: QuerySet[Any], **context: str
) -> TemplateResponse:
    """Return a page that asks before something that cannot be undone."""
    names = (ACTION_CHECKBOX_NAME, "select_across", "from_page")
    return page.page(
        request,
        "admin/integrations/confirm.html",
        title=context.pop("question"),
        posted=[(name, each) for name in names for each in request.POST.getlist(name)],
        rows=rows[:20],
        more=rows[20 : page.at_once].count(),
        **context,
    )
