"""One request to Alloy, written down: everything up to the network, and nothing of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from pydantic import SecretStr

from integrations.alloy.errors import InvalidRequest

_PRINTABLE = re.compile(r"[\x21-\x7e]+(?: +[\x21-\x7e]+)*")

QueryValue = str | int | bool | None


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request: ``route`` is a template such as ``/users/{user_id}/token``, filled from ``path``.

    Metrics, logs and errors name the route, never the filled path. Ids, bodies and the API key
    stay out of ``repr``, which crash reports show.
    """

    method: str
    base: str
    route: str
    path: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, QueryValue] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    api_key: SecretStr | None = None

    @property
    def label(self) -> str:
        """The call's name in messages, such as ``GET /users/{user_id}/token``."""
        return f"{self.method} {self.route}"

    @property
    def key(self) -> str:
        """The API key as plain text, "" for a call without one."""
        return self.api_key.get_secret_value() if self.api_key else ""

    @property
    def is_safe(self) -> bool:
        """Whether making it twice is the same as making it once, as HTTP defines GET."""
        return self.method == "GET"

    def url(self) -> str:
        """Return the full URL. Raises ``InvalidRequest`` for an id that cannot be in a path."""
        segments = {name: self._segment(name, value) for name, value in self.path.items()}
        query = {
            name: _query_text(value) for name, value in self.query.items() if value is not None
        }
        url = self.base + self.route.format_map(segments)
        return f"{url}?{urlencode(query)}" if query else url

    def content(self) -> bytes | None:
        """Return the body as JSON. Raises ``InvalidRequest`` when JSON cannot express it."""
        if self.body is None:
            return None
        try:
            return json.dumps(self.body, allow_nan=False, separators=(",", ":")).encode()
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidRequest(f"The body of {self.label} cannot be written as JSON.") from error

    def all_headers(self) -> dict[str, str]:
        """Return the headers to send, the API key and the body's type among them.

        Raises ``InvalidRequest`` where a value would break out of its header.
        """
        for name, value in self.headers.items():
            if not _PRINTABLE.fullmatch(value):
                raise InvalidRequest(f"The header {name} of {self.label} must be printable ASCII.")
        authorization = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        content_type = {} if self.body is None else {"Content-Type": "application/json"}
        return {**self.headers, **content_type, **authorization}

    def _segment(self, name: str, value: str) -> str:
        # HTTP clients resolve dot segments, percent-encoded or not: /users/../x is /x.
        if value in ("", ".", ".."):
            raise InvalidRequest(f"{self.label} needs a {name}, and {value!r} cannot be one.")
        try:
            return quote(value, safe="")
        except UnicodeEncodeError as error:
            raise InvalidRequest(f"The {name} of {self.label} is not valid text.") from error


def _query_text(value: QueryValue) -> str:
    """Write booleans as Alloy's SDKs do: ``error=true``."""
    return str(value).lower() if isinstance(value, bool) else str(value)
