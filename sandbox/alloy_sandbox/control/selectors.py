"""Finding what only the control calls and the dashboard speak of. All raise `NotFound`."""

from __future__ import annotations

import json
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet

from alloy_sandbox.core.errors import NotFound
from alloy_sandbox.core.models import NotionPage

Row = TypeVar("Row", bound=Model)


def find(rows: QuerySet[Row], key: Any, thing: str) -> Row:
    """Return the row with that primary key; `thing` is what the refusal calls it."""
    found = rows.filter(pk=key).first()
    if found is None:
        raise NotFound(thing)
    return found


def find_page(page_id: UUID | str) -> NotionPage:
    """Return the Notion page of that id, in whose account it may be."""
    try:
        key = UUID(str(page_id))
    except ValueError:
        raise NotFound("Page") from None
    return find(NotionPage.objects.select_related("account__user"), key, "Page")


def readable(body: str) -> Any:
    """Return a JSON body as JSON, anything else as the text it is."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body
