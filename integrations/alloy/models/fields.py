"""The types of single values in Alloy's answers, and the base of all answer models."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    model_validator,
)
from pydantic.alias_generators import to_camel

from integrations.alloy.text import clean


class Answered(BaseModel):
    """Part of what Alloy sends. Fields are camelCase on the wire; unknown ones are ignored.

    ``Model.model_validate(model.model_dump(mode="json"))`` gives an equal model, so answers can be
    kept in a JSON column. Validation errors never repeat the input: it may hold a token.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _null_means_absent(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {name: value for name, value in data.items() if value is not None}
        return data


def _text(longest: int) -> BeforeValidator:
    return BeforeValidator(lambda it: clean(it, longest=longest) if isinstance(it, str) else it)


def web_address(value: Any) -> str:
    """Return an absolute http(s) URL as it is and anything else as "", ``javascript:`` included."""
    if not isinstance(value, str) or len(value) > 2048 or not value.isprintable() or " " in value:
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:  # such as an unclosed IPv6 bracket
        return ""
    safe = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    return value if safe else ""


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("outside the calendar") from error


def _iso_text(value: Any) -> Any:
    """Let pydantic read text (and a model's own datetime) only: a bare number has no known unit."""
    if isinstance(value, (str, datetime)):
        return value
    raise ValueError("not an ISO 8601 time")


Identifier = Annotated[str, StringConstraints(strict=True, pattern=r"^[\x21-\x7e]{1,128}$")]
Name = Annotated[str, _text(200)]
Message = Annotated[str, _text(2000)]
WebAddress = Annotated[str, BeforeValidator(web_address)]
Moment = Annotated[datetime, BeforeValidator(_iso_text), AfterValidator(_in_utc)]
Count = Annotated[int, Field(strict=True, ge=0, lt=2**31)]
Flag = StrictBool
