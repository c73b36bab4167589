"""One request to Alloy and its answer, with no network in sight.

A status becomes a value or the right error. An object or a list becomes typed models; it may be
wrapped in ``data`` or bare [list-integrations, get-user]. Brackets name the page of Alloy's
documentation, as in ``client``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from pydantic import SecretStr, ValidationError
from pydantic_core import from_json

from integrations.alloy.errors import (
    AlloyError,
    BadAnswer,
    InvalidRequest,
    NotFound,
    RateLimited,
    Refused,
    ServerFault,
    Unauthorized,
)
from integrations.alloy.models import Answered
from integrations.alloy.text import clean, mask

Model = TypeVar("Model", bound=Answered)

_LONGEST_WAIT = 24 * 60 * 60.0  # seconds; a larger Retry-After is an accident
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
        """Return the headers to send, the API key and the body's type among them [authorization].

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
    """Return booleans in lower case: ``error=true`` [clients]."""
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A complete answer of any status to a call.

    Header names are case-insensitive. The body may hold a token, so ``repr`` leaves it out.
    """

    call: Call
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    request_id: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Return the body parsed as strict JSON.

        Raises the error that fits when the status is not 2xx, and ``BadAnswer`` when the body is
        not JSON: an HTML page, nothing at all, cut off, NaN, half a surrogate pair, too deep.
        """
        if not self.ok:
            raise self.error()
        try:
            return from_json(self.body, allow_inf_nan=False)
        except ValueError as error:
            raise self.bad(f"with a body that is not JSON ({self._kind_of_body()})") from error

    def bad(self, what: str) -> BadAnswer:
        """Return the error for an answer that cannot be used although its status is fine."""
        return BadAnswer(
            f"Alloy answered {self.call.label} {what}.",
            status=self.status,
            request_id=self.request_id,
            ambiguous=not self.call.is_safe,
        )

    def error(self) -> AlloyError:
        """Return the error that this answer's status stands for."""
        detail = self.detail
        message = f"Alloy answered {self.status} to {self.call.label}"
        message += f": {detail}" if detail else "."
        return _kind_of_error(self.status)(
            message,
            status=self.status,
            request_id=self.request_id,
            detail=detail,
            retry_after=retry_after(self.headers.get("Retry-After")),
            ambiguous=not self.call.is_safe and self._may_have_been_acted_on,
        )

    @property
    def _may_have_been_acted_on(self) -> bool:
        return self.status != 503 and not 400 <= self.status < 500

    @property
    def detail(self) -> str:
        """Alloy's own explanation, masked and shortened, or "" where there is none."""
        try:
            text = _message_in(from_json(self.body))
        except ValueError:
            plain = self.headers.get("Content-Type", "").startswith("text/plain")
            text = self.body[:1000].decode(errors="replace") if plain else ""
        return clean(mask(text, self.call.key, longest=4000), longest=300)

    def _kind_of_body(self) -> str:
        media_type = self.headers.get("Content-Type", "").partition(";")[0]
        return f"{len(self.body)} bytes of {clean(media_type, longest=60) or 'no named type'}"


def retry_after(value: str | None) -> float | None:
    """Return a Retry-After header (seconds, or an HTTP date) as seconds from now.

    None where there is none or it makes no sense; a date in the past is 0.
    """
    value = (value or "").strip()
    if re.fullmatch(r"[0-9]{1,12}", value):
        return min(float(value), _LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), _LONGEST_WAIT)


def _kind_of_error(status: int) -> type[AlloyError]:
    """Return the error for a status. The reference shows 400 and 401 only [batch-create-users,
    delete-user]; 422 and 404 come from Alloy's clients; the others are what HTTP means by them."""
    if status in (401, 403):
        return Unauthorized
    if status in (404, 410):
        return NotFound
    if status == 429:
        return RateLimited
    if status in (408, 425) or status >= 500:
        return ServerFault
    # A redirect is never followed: it is not Alloy who sends one, but something in between.
    return Refused if status >= 400 else BadAnswer


def _message_in(payload: Any) -> str:
    """Return the message of an error body: ``{"message"}``, ``{"error": {"message"}}``, ..."""
    if not isinstance(payload, dict):
        return ""
    for candidate in (payload.get("message"), payload.get("error")):
        if isinstance(candidate, dict):
            return _message_in(candidate)
        if isinstance(candidate, str):
            return candidate
    return ""


def one(model: type[Model], answer: Answer) -> Model:
    """Return the single object of an answer.

    Raises the error that fits a status other than 2xx, and ``BadAnswer`` when the body is not
    JSON, is of another shape, or lacks what callers rely on.
    """
    return _parse(model, _unwrapped(answer.json()), answer)


def many(model: type[Model], answer: Answer) -> list[Model]:
    """Return the objects of an answer that is a list. Raises like ``one``.

    A bare list must not be empty: something other than Alloy may have sent it, and to take it for
    "there is none" would empty pages, and end an erasure too soon.
    """
    payload = answer.json()
    found = _unwrapped(payload)
    if not isinstance(found, list) or payload == []:
        raise answer.bad("without a list")
    return [_parse(model, item, answer) for item in found]


def _unwrapped(payload: Any) -> Any:
    wrapped = isinstance(payload, dict) and isinstance(payload.get("data"), (dict, list))
    return payload["data"] if wrapped else payload


def _parse(model: type[Model], payload: Any, answer: Answer) -> Model:
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = clean(".".join(str(part) for part in first["loc"]), longest=100) or "the whole"
        what = f"that is no {model.__name__} ({where}: {first['msg']})"
        # Without its cause, which still holds the input and so perhaps a token.
        raise answer.bad(what) from None
