"""Exports all data of a merchant as one JSON document, row by row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from accounts.models import User
from accounts.selectors import export_sessions
from integrations.contrib.privacy.selectors import export_of
from meetings.selectors import export_copies, export_meetings
from orders import selectors

Sections = Mapping[str, Iterable[Mapping[str, Any]]]


def export(merchant: User) -> Iterator[str]:
    """Yield the document in pieces: the account, orders, meetings, traffic with Alloy."""
    sections: Sections = {
        "account": [_account(merchant)],
        "sessions": export_sessions(merchant),
        "orders": selectors.export_orders(merchant),
        "order_history": selectors.export_history(merchant),
        "meetings": export_meetings(merchant),
        "meeting_copies": export_copies(merchant),
        **export_of(merchant),
    }
    return _as_json(sections)


class _Encoder(DjangoJSONEncoder):
    def default(self, value: Any) -> Any:
        """Write the bodies of deliveries, which are bytes, as text."""
        if isinstance(value, (bytes, memoryview)):
            return bytes(value).decode(errors="replace")
        return super().default(value)


def _account(merchant: User) -> dict[str, Any]:
    return {
        "email": merchant.email,
        "name": merchant.name,
        "language": merchant.language,
        "time_zone": merchant.time_zone,
        "date_joined": merchant.date_joined,
        "last_login": merchant.last_login,
    }


def _as_json(sections: Sections) -> Iterator[str]:
    encode = _Encoder(ensure_ascii=False).encode
    before_section = "{"
    for name, rows in sections.items():
        yield f"{before_section}\n{json.dumps(name)}: ["
        before_row = ""
        for row in rows:
            yield f"{before_row}\n  {encode(row)}"
            before_row = ","
        yield "]"
        before_section = ","
    yield "\n}\n"
