"""What the control calls accept. Unlike Alloy they refuse keys that they do not know."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from alloy_sandbox.core.http import Body
from alloy_sandbox.core.middleware import plain_path
from alloy_sandbox.core.models import Fault
from alloy_sandbox.core.values import HeaderValue, Positive, Whole, is_web_address

TRICKLE_MS = 10
LONGEST_DELAY_MS = 600_000
TEN_YEARS = 10 * 365 * 24 * 60 * 60


class Strict(Body):
    """A body in which a mistyped key is an error."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid")


class InstallationBody(Strict):
    """`fieldValues`: {workflow id: {field name: value}}; what is left out is made up."""

    user_id: str
    integration_id: str
    workflow_ids: list[str] | None = None
    field_values: dict[str, dict[str, Any]] = Field(default_factory=dict)


class ReleaseBody(Strict):
    """Names of fields, or objects with a `name`; absent: the fields of the version before."""

    configurable_fields: list[str | dict[str, Any]] | None = None


class LinkBody(Strict):
    user_id: str
    integration_id: str
    expires_in: float | None = Field(None, ge=-TEN_YEARS, le=TEN_YEARS, description="seconds")


class RunBody(Strict):
    """A run to be made up for a user's copy: a failed one when `error` is given."""

    user_id: str
    data: dict[str, Any] = Field(default_factory=dict)
    error: str = ""


def _http_url(url: str) -> str:
    if url and not is_web_address(url):
        raise ValueError("must be an absolute http or https URL, or empty")
    return url


Url = Annotated[str, AfterValidator(_http_url)]


class DestinationsBody(Strict):
    """The addresses to change; `{userId}` in one stands for the user's id."""

    installations: Url | None = None
    orders: Url | None = None
    errors: Url | None = None


class SignBody(Strict):
    """A request as Alloy would send it; `body` as text, byte for byte."""

    method: str = "POST"
    url: str
    body: str = ""


class Page(Body):
    """Rows, oldest first: the first `limit` after an id, or without one the newest `limit`."""

    after: Whole | None = None
    limit: Positive = 100_000
    path: str = ""
    kind: str = ""


class HowOften(Strict):
    """How often a fault strikes, and what it lets the caller wait for."""

    times: Whole | None = None
    rate: float = Field(1.0, gt=0, le=1)
    seed: Whole | None = None
    retry_after: HeaderValue = ""


class FaultBody(HowOften):
    """A fault; at least one of status, delayMs, drop, body, trickle and retryAfter is needed."""

    path: str = Field("/", max_length=255)
    method: Literal["", "GET", "POST", "PUT", "PATCH", "DELETE"] = ""
    status: int | None = Field(None, ge=200, le=599)
    body: str | None = None
    content_type: HeaderValue = "application/json"
    delay_ms: Whole = Field(0, le=LONGEST_DELAY_MS)
    drop: bool | Literal["before", "after"] = False
    trickle: bool | Annotated[Whole, Field(le=LONGEST_DELAY_MS)] = False
    acts: bool | None = None

    @model_validator(mode="after")
    def _does_something(self) -> FaultBody:
        if plain_path(self.path).startswith("/_sandbox"):
            raise ValueError("A fault cannot meet the sandbox's own controls")
        if not (self.status or self.delay_ms or self.drop or self.trickle or self.retry_after) and (
            self.body is None
        ):
            raise ValueError("Say what goes wrong: status, delayMs, drop, body or trickle")
        return self

    def as_fault(self) -> Fault:
        """Return the row, not yet saved. A status is answered without acting, unless told so."""
        status = self.status or (429 if self.retry_after else None)
        drop = self.drop if isinstance(self.drop, str) else "after" if self.drop else ""
        acts = drop != "before" and status is None if self.acts is None else self.acts
        return Fault(
            path=plain_path(self.path),
            method=self.method,
            status=status,
            body=self.body,
            content_type=self.content_type,
            retry_after=self.retry_after,
            delay_ms=self.delay_ms,
            drop=drop,
            trickle_ms=TRICKLE_MS if self.trickle is True else self.trickle or None,
            acts=acts,
            times=self.times,
            rate=self.rate,
            seed=self.seed,
        )
