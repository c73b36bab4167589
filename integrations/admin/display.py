"""How values look in the admin: always escaped, never secret, times relative."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.html import format_html
from django.utils.timesince import timesince, timeuntil

from integrations.redaction import redact

LONGEST_TEXT = 100_000
LONGEST_REASON = 120


def block(text: str) -> str:
    """Return the text as it stands, in a fixed-width block; its beginning if it is very long."""
    if not text:
        return "-"
    shown = redact(text, longest=LONGEST_TEXT)
    if len(text) > LONGEST_TEXT:
        shown += f"\n… the first {LONGEST_TEXT:,} of {len(text):,} characters"
    return format_html('<pre class="alloy-block" tabindex="0">{}</pre>', shown)


def pretty(value: Any) -> str:
    """Return the value as indented JSON, in a block."""
    return block(json.dumps(value, indent=2, ensure_ascii=False))


def pretty_body(body: str) -> str:
    """Return a body as indented JSON where it is JSON, otherwise as it came, in a block."""
    try:
        return pretty(json.loads(body))
    except (ValueError, RecursionError):
        return block(body)


def reason(error: str) -> str:
    """Return an error in one line: of a traceback the last, which names the exception."""
    lines = [line for line in redact(error).splitlines() if line.strip()]
    last = lines[-1] if lines else ""
    return last if len(last) <= LONGEST_REASON else f"{last[: LONGEST_REASON - 1]}…"


def moment(when: datetime | None) -> str:
    """Return a time as "5 minutes ago" or "in 5 minutes", the exact one on hover."""
    if when is None:
        return "-"
    exact = timezone.localtime(when)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        exact.isoformat(),
        exact.strftime("%Y-%m-%d %H:%M:%S %Z"),
        _told(when),
    )


def _told(when: datetime) -> str:
    now = timezone.now()
    if when > now:
        return f"in {timeuntil(when, now, depth=1)}"
    return f"{timesince(when, now, depth=1)} ago"
