"""Masks the secret parts of our own addresses, wherever they are written down.

Which parts are secret follows from the URLconf: every part that an address takes, except those
named here. So an address that is added tomorrow is masked from its first day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

_PUBLIC = {
    *("pk", "id", "object_id", "alloy_user_id", "integration_id", "connector_id", "kind"),
    *("app_label", "content_type_id", "url"),  # the admin's; "url" is what it has no page for
}
_MASK = "[masked]"
_PART = re.compile(
    r"\(\?P<(\w{1,60})>(?:[^()]|\([^()]{0,200}\)){0,200}\)|<(?:\w{1,60}:)?(\w{1,60})>"
)
_SLASH = r"(?:/|%(?:25){0,3}2F)"  # as it stands, or inside of another address' query
_VALUE = r"(?:(?!%(?:25){0,3}2F)[^/\s\"'<>?&#\\])+"


def has_secret(names: Iterable[str]) -> bool:
    """Say whether one of these parts of an address is secret."""
    return not _PUBLIC.issuperset(names)


def mask_addresses(text: str) -> str:
    """Return the text with the secret parts of all our addresses masked."""
    if "/" not in text and "%" not in text:
        return text  # no part of an address: most texts in a log
    return _secret_parts().sub(rf"\1{_MASK}", text)


def mask_event(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Mask our addresses in every text of a log line: a structlog processor."""
    return {key: in_each_text(value, mask_addresses) for key, value in event.items()}


def in_each_text(value: Any, change: Callable[[str], str]) -> Any:
    """Return the value with every text in it changed, however deep; what is no text stays."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: in_each_text(each, change) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [in_each_text(each, change) for each in value]
    return value


@cache
def _secret_parts() -> re.Pattern[str]:
    befores = sorted(set(_befores(get_resolver().url_patterns)))
    return re.compile(f"((?:{'|'.join(befores)})){_VALUE}", re.IGNORECASE)


def _befores(patterns: Iterable[Any], prefix: str = "/") -> Iterator[str]:
    """Yield a pattern for what stands before the first secret part of each address."""
    for pattern in patterns:
        route = prefix + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            yield from _befores(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield from _before_secret(route)


def _before_secret(route: str) -> Iterator[str]:
    before, position = "", 0
    for part in _PART.finditer(route):
        before += re.escape(route[position : part.start()]).replace("/", _SLASH)
        if has_secret([part[1] or part[2]]):
            yield before
            return
        before += _VALUE
        position = part.end()
