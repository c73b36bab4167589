"""Finding what only the control calls and the dashboard speak of. All raise `NotFound`."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from alloy_sandbox.core.errors import NotFound
from alloy_sandbox.core.models import NotionPage


def find_page(page_id: UUID | str) -> NotionPage:
    """Return the Notion page of that id, in whose account it may be."""
    try:
        key = UUID(str(page_id))
    except ValueError:
        raise NotFound("Page") from None
    page = NotionPage.objects.filter(pk=key).select_related("account__user").first()
    if page is None:
        raise NotFound("Page")
    return page


def readable(body: str) -> Any:
    """Return a JSON body as JSON, anything else as the text it is."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body
