"""A BigCommerce order as Alloy's Stream Data block passes it on: the store's raw JSON."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _to_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _to_datetime(value: Any) -> Any:
    """BigCommerce's v2 API writes dates as e-mail does: "Tue, 20 Nov 2012 00:00:00 +0000"."""
    if isinstance(value, str) and "," in value:
        return parsedate_to_datetime(value)
    return value or None


StoreDate = Annotated[datetime | None, BeforeValidator(_to_datetime)]


class BillingAddress(BaseModel):
    first_name: str = ""
    last_name: str = ""
    email: str = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class BigCommerceOrder(BaseModel):
    """What AcmeCo needs of an order; the rest of the body stays in the inbox."""

    model_config = ConfigDict(extra="ignore")

    id: Annotated[str, BeforeValidator(_to_text), Field(min_length=1, max_length=64)]
    status: str = ""
    date_created: StoreDate = None
    date_modified: StoreDate = None
    total_inc_tax: Decimal = Field(default=Decimal(0), max_digits=14, allow_inf_nan=False)
    currency_code: str = Field(default="USD", min_length=3, max_length=3)
    items_total: int = Field(default=0, ge=0, le=2_000_000_000)
    billing_address: BillingAddress = BillingAddress()
