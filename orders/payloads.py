"""A BigCommerce order as Alloy's Stream Data block passes it on: the store's raw JSON.

What AcmeCo cannot do without is checked, and refused when it is wrong. The rest is taken as it
comes: an order that was refused for a missing name would be an order lost.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from integrations.text import clean_text


def _to_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _to_datetime(value: Any) -> Any:
    """BigCommerce's v2 API writes dates as e-mail does: "Tue, 20 Nov 2012 00:00:00 +0000"."""
    if isinstance(value, str) and "," in value:
        try:
            return parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError, OverflowError) as error:
            raise ValueError("not a date as in e-mail") from error
    return None if value == "" else value


def _in_utc(moment: datetime | None) -> datetime | None:
    """A time that does not say where in the world it is meant is taken as UTC."""
    try:
        return moment and moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("outside the calendar") from error


def _to_cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))


Text = Annotated[str, AfterValidator(clean_text)]
Number = Annotated[
    str, BeforeValidator(_to_text), StringConstraints(strict=True, pattern=r"^[!-~]{1,64}$")
]
Amount = Annotated[
    Decimal,
    Field(ge=Decimal("-999999999999.99"), le=Decimal("999999999999.99"), allow_inf_nan=False),
    AfterValidator(_to_cents),
]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{3}$", to_upper=True)]
StoreDate = Annotated[datetime | None, BeforeValidator(_to_datetime), AfterValidator(_in_utc)]


class _Received(BaseModel):
    """Part of a body. Unknown fields are ignored, and errors never repeat what came in."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _null_means_absent(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {name: value for name, value in data.items() if value is not None}
        return data


class BillingAddress(_Received):
    first_name: Text = ""
    last_name: Text = ""
    email: Text = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class BigCommerceOrder(_Received):
    """What AcmeCo needs of an order; the rest of the body stays in the inbox."""

    id: Number
    status: Text = ""
    date_created: StoreDate = None
    date_modified: StoreDate = None
    total_inc_tax: Amount = Decimal(0)
    currency_code: Currency = "USD"
    items_total: int = Field(default=0, ge=0, le=2_000_000_000)
    billing_address: BillingAddress = BillingAddress()
