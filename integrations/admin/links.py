"""Links between admin pages, also to pages of apps that this one knows nothing of.

The project says what groups are about and what deliveries became, for example:

    links.subjects["order"] = Order
    links.results[Delivery.Kind.ORDER] = order_of_delivery
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html

from integrations.models import AlloyUser, Delivery, MessageGroup

subjects: dict[str, type[models.Model]] = {"alloy-user": AlloyUser}
results: dict[str, Callable[[Delivery], models.Model | None]] = {}


def link(row: models.Model | None, text: str = "") -> str:
    """Return a link to the row's page; its text alone where the admin has no such page."""
    if row is None:
        return "-"
    return _link(type(row), row.pk, text or str(row))


def listed(model: type[models.Model], text: str, **narrowed_to: Any) -> str:
    """Return a link to the list of a model's rows, narrowed by these query parameters."""
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return format_html('<a href="{}?{}">{}</a>', url, urlencode(narrowed_to), text)


def subject_of(group: MessageGroup) -> str:
    """Return a link to what the group is about: a key that ends in `order:7` is about order 7."""
    *_, kind, key = ["", *group.key.split(":")][-2:]
    model = subjects.get(kind)
    return _link(model, key, f"{kind} {key}") if model else group.key


def result_of(delivery: Delivery) -> str:
    """Return a link to what the delivery became, or a dash where it left nothing to look at."""
    find = results.get(delivery.kind)
    return link(find(delivery)) if find else "-"


def _link(model: type[models.Model], key: Any, text: str) -> str:
    try:
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[key])
    except NoReverseMatch:
        return text
    return format_html('<a href="{}">{}</a>', url, text)
