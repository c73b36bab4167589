"""Writes rows as the admin shows them, and finds them among tens of millions of others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.db import models
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from integrations import conf
from integrations.models import AlloyUser, MessageGroup
from integrations.redaction import LONGEST, redact
from integrations.templatetags.moments import ago

MOST_TENANTS = 100
NEWEST = 100_000
"""Rows among which a value is looked for that has no index."""

subjects: dict[str, type[models.Model]] = {"alloy-user": AlloyUser}
"""Models that message groups are about: by `subjects["order"] = Order`, `1:order:7` is order 7."""


# What is shown is always escaped, never secret; times are relative.


def column(field: str, how: Callable[[Any], str], label: str = "") -> Any:
    """Return what shows a field of a row, such as `group` or `a.b`, in a list and on a page."""

    @admin.display(description=label or field.replace("_", " "))
    def show(row: Any) -> str:
        value = attrgetter(field)(row)
        return "-" if value is None else how(value) or "-"

    show.__name__ = field.replace(".", "_")  # the class of its cells
    return show


moment = ago  # a time as "5 minutes ago" or "in 5 minutes", the exact one on hover


def block(text: str) -> str:
    """Return the text as it stands, in a fixed-width block; its beginning if it is very long."""
    if not text:
        return "-"
    shown = redact(text)
    if len(text) > LONGEST:
        shown += f"\n… the first {LONGEST:,} of {len(text):,} characters"
    return format_html('<pre class="alloy-block" tabindex="0">{}</pre>', shown)


def pretty(value: Any) -> str:
    """Return the value as indented JSON, in a block."""
    return block(json.dumps(value, indent=2, ensure_ascii=False))


def link(row: models.Model) -> str:
    """Return a link to the row's page; its name alone where the admin has no such page."""
    return _link(type(row), row.pk, str(row))


def listed(model: type[models.Model], text: str, **narrowed_to: Any) -> str:
    """Return a link to the list of a model's rows, narrowed by these query parameters."""
    url = reverse(admin_urlname(model._meta, "changelist"))  # type: ignore[arg-type]
    return format_html('<a href="{}?{}">{}</a>', url, urlencode(narrowed_to), text)


def subject_of(group: MessageGroup) -> str:
    """Return a link to what the group is about, or its key; see `subjects`."""
    *_, kind, key = ["", *group.key.split(":")][-2:]
    model = subjects.get(kind)
    return _link(model, key, f"{kind} {key}") if model else group.key


def _link(model: type[models.Model], key: Any, text: str) -> str:
    try:
        url = reverse(admin_urlname(model._meta, "change"), args=[key])  # type: ignore[arg-type]
    except NoReverseMatch:
        return text
    return format_html('<a href="{}">{}</a>', url, text)


# Rows are found by whole values that have an index.


def by_number(term: str) -> Q:
    """Match the row with this number."""
    return Q(pk=int(term)) if term.isdecimal() and len(term) < 19 else Q(pk__in=[])


def by_uid(term: str) -> Q:
    """Match the row with this unique id."""
    try:
        return Q(uid=UUID(term))
    except ValueError:
        return Q(pk__in=[])


def by_tenant(request: HttpRequest, term: str) -> Q:
    """Match the rows of the tenants that the tenants' own admin page finds for the term."""
    tenants: Any = conf.tenant_class()
    try:
        tenant_admin = admin.site.get_model_admin(tenants)
    except NotRegistered:
        return Q(pk__in=[])
    if not tenant_admin.get_search_fields(request):  # it would find everybody
        return Q(pk__in=[])
    everybody = tenants._default_manager.order_by("pk")
    found, _ = tenant_admin.get_search_results(request, everybody, term)
    return Q(tenant__in=list(found.values_list("pk", flat=True)[:MOST_TENANTS]))


class ChosenRow(admin.FieldListFilter):
    """Narrows a list to the rows of one other row, as in `?tenant=5`, which a link has chosen.

    It appears only then: it says whose rows these are, and has a link to all rows.
    """

    def expected_parameters(self) -> list[str | None]:
        return [self.field_path]

    def has_output(self) -> bool:
        return self.field_path in self.used_parameters

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Yield all, and the chosen row."""
        owners: Any = self.field.related_model
        key: Any = self.used_parameters[self.field_path][-1]  # type: ignore[index]
        chosen = owners._default_manager.filter(pk=key).first() or key
        for display, remove in (("All", [self.field_path]), (str(chosen), [])):
            query = changelist.get_query_string(remove=remove)
            yield {"selected": not remove, "query_string": query, "display": display}


class BoundedChoices(admin.ChoicesFieldListFilter):
    """Narrows a list by a column without an index of its own, looking at the newest rows only.

    The values that the ModelAdmin calls `indexed` are looked for in the whole table, and so is
    every value once a search or a chosen row has made the list short.
    """

    def __init__(self, field: Any, request: HttpRequest, *args: Any, **options: Any) -> None:
        super().__init__(field, request, *args, **options)
        model_admin: Any = args[-1]
        value = self.lookup_val[-1] if self.lookup_val else ""
        self.condition = model_admin.indexed.get(value)
        is_short = any(each in request.GET for each in ("q", *model_admin.chosen_by()))
        self.is_bounded = bool(value) and self.condition is None and not is_short
        self.title = str(field.verbose_name)
        if self.is_bounded:
            self.title += f" (of the newest {NEWEST:,} only)"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any] | None:
        """Narrow the rows to the chosen value."""
        rows: Any = queryset.model._default_manager
        if self.is_bounded:
            newest = rows.order_by("-pk").values_list("pk", flat=True).first()
            queryset = queryset.filter(pk__gt=(newest or 0) - NEWEST)
        elif self.condition is not None:
            # By way of the index; SQLite would walk the whole table in the order of its keys.
            found = rows.filter(self.condition).order_by()
            queryset = queryset.filter(pk__in=found.values("pk"))
        return super().queryset(request, queryset)


def conditions(name: str, **choices: tuple[str, Q]) -> type[admin.SimpleListFilter]:
    """Return a filter with these choices: for each value its label and what the rows fulfil."""

    class Conditions(admin.SimpleListFilter):
        title = parameter_name = name

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            return [(value, label) for value, (label, _) in choices.items()]

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            _, condition = choices.get(self.value() or "", ("", Q()))
            return queryset.filter(condition)

    return Conditions
