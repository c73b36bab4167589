"""Filters whose cost does not grow with the table: tens of millions of rows are normal here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.http import HttpRequest

NEWEST = 100_000


class BoundedChoices(admin.ChoicesFieldListFilter):
    """Filters by a column that has no index of its own, looking at the newest rows only.

    Values in `indexed` are looked for in the whole table: a partial index holds the rows that the
    condition beside the value describes. So is everything in a list that a search or a chosen row
    has made short already.
    """

    indexed: ClassVar[Mapping[str, Q]] = {}

    def __init__(
        self,
        field: models.Field[Any, Any],
        request: HttpRequest,
        params: dict[str, Any],
        model: type[models.Model],
        model_admin: Any,
        field_path: str,
    ) -> None:
        super().__init__(field, request, params, model, model_admin, field_path)
        self.value = self.lookup_val[-1] if self.lookup_val else ""
        self.bounded = bool(self.value) and self.value not in self.indexed
        if self.bounded and _is_short(request, model_admin):
            self.bounded = False
        self.title = str(field.verbose_name)
        if self.bounded:
            self.title += f" (of the newest {NEWEST:,} only)"

    def queryset(
        self, request: HttpRequest, queryset: models.QuerySet[Any]
    ) -> models.QuerySet[Any] | None:
        """Narrow the rows to the chosen value."""
        if self.bounded:
            queryset = queryset.filter(_newest(queryset.model))
        elif self.value in self.indexed:
            # By way of the index; SQLite would walk the whole table in the order of its keys.
            rows = queryset.model._default_manager.filter(self.indexed[self.value])
            queryset = queryset.filter(pk__in=rows.order_by().values("pk"))
        return super().queryset(request, queryset)


class ChosenRow(admin.SimpleListFilter):
    """Narrows a list to the rows that belong to one other row, which a link has chosen.

    It appears only then: says whose rows these are, and lets go of them. `parameter_name` is the
    name of the foreign key.
    """

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the chosen row as the only choice."""
        value = self.value()
        if not value:
            return []
        owner: Any = model_admin.model._meta.get_field(self.parameter_name).related_model
        try:
            return [(value, str(owner._default_manager.filter(pk=value).first() or value))]
        except (ValueError, ValidationError) as error:
            raise IncorrectLookupParameters(error) from error

    def queryset(
        self, request: HttpRequest, queryset: models.QuerySet[Any]
    ) -> models.QuerySet[Any]:
        """Narrow the rows to those of the chosen row."""
        value = self.value()
        return queryset.filter(**{f"{self.parameter_name}_id": value}) if value else queryset


class OfTenant(ChosenRow):
    title = parameter_name = "tenant"


class OfGroup(ChosenRow):
    title = parameter_name = "group"


class OfMessage(ChosenRow):
    title = parameter_name = "message"


def _is_short(request: HttpRequest, model_admin: Any) -> bool:
    chosen = (each for each in model_admin.list_filter if _chooses_a_row(each))
    return any(name in request.GET for name in ("q", *(each.parameter_name for each in chosen)))


def _chooses_a_row(list_filter: Any) -> bool:
    return isinstance(list_filter, type) and issubclass(list_filter, ChosenRow)


def _newest(model: type[models.Model]) -> Q:
    newest = model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
    return Q(pk__gt=(newest or 0) - NEWEST)
