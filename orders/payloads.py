"""A BigCommerce order as Alloy's Stream Data block passes it on: the store's raw JSON.

Only the id is needed. Whatever else cannot be read is left out and named in `unread`: an order that
was refused for a field it can do without would be an order lost.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    StringConstraints,
    ValidationError,
    model_validator,
)

from integrations.alloy.text import clean_text

LARGEST_AMOUNT = Decimal(10) ** 12
DECIMALS_KEPT = 4  # no currency has more, and BigCommerce sends as many
INCOMPLETE = 0  # a checkout that was begun and not finished
_EMPTY: tuple[Any, ...] = (None, "", [], {})  # PHP writes an empty object as []
_NO_DATE = re.compile(r"0000-00-00|(.{0,16} )?(-0001|000[01])[ -]")  # ways to say never
_FIRST_DATE = datetime(1970, 1, 2, tzinfo=UTC)  # so are the first second of time, and those before
_GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")


def _text(value: Any) -> Any:
    return clean_text(value) if isinstance(value, str) else value


def _amount(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError("not an amount")
    text = str(value).strip()
    try:
        amount = Decimal(text.replace(",", "") if _GROUPED.fullmatch(text) else text)
        if not amount.is_finite() or abs(amount) >= LARGEST_AMOUNT:
            raise ValueError("no amount of money")
        return amount.quantize(Decimal(1).scaleb(-DECIMALS_KEPT))
    except ArithmeticError as error:
        raise ValueError("not an amount") from error


def _date(value: Any) -> datetime | None:
    """Parse a date as e-mail has it ("Tue, 20 Nov 2012 00:00:00 +0000"; the v2 API) or ISO 8601."""
    if isinstance(value, datetime):
        return value
    if _NO_DATE.match(str(value)):
        return None
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value, UTC)
        else:
            moment = _written(value)
        # A time that does not say where in the world it is meant is taken as UTC.
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
        return moment if moment >= _FIRST_DATE else None
    except (ValueError, TypeError, IndexError, OverflowError, OSError) as error:
        raise ValueError("not a date") from error


def _written(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return parsedate_to_datetime(text)


def _whole(value: Any) -> Any:
    """Take "2.0" for 2: fractions come as text, so that no digit is lost."""
    text = str(value).strip()
    return text.partition(".")[0] if text.rstrip("0").endswith(".") else value


def _flag(value: Any) -> bool:
    return value in (True, 1) or str(_whole(value)).strip().lower() in ("true", "1")


Text = Annotated[str, BeforeValidator(_text)]
Number = Annotated[
    str,
    BeforeValidator(lambda it: _whole(_text(it))),
    StringConstraints(min_length=1, max_length=64),
]
Currency = Annotated[
    str, BeforeValidator(_text), StringConstraints(pattern=r"^[A-Za-z]{3}$", to_upper=True)
]
Amount = Annotated[Decimal | None, BeforeValidator(_amount)]
Count = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=2_000_000_000)]
StoreDate = Annotated[datetime | None, BeforeValidator(_date)]


class _Received(BaseModel):
    """Part of a body: what can be taken of it. Errors never repeat what came in."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, coerce_numbers_to_str=True)

    _unread: list[str] = PrivateAttr(default_factory=list)

    @property
    def unread(self) -> list[str]:
        """The fields that could not be read, as `a` or `a.b`."""
        nested = [
            f"{name}.{each}"
            for name, value in self
            if isinstance(value, _Received)
            for each in value.unread
        ]
        return [*self._unread, *nested]

    @model_validator(mode="wrap")
    @classmethod
    def _take_what_can_be_taken(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if not isinstance(data, dict):
            return handler(data)
        told = {name: value for name, value in data.items() if value not in _EMPTY}
        try:
            return handler(told)
        except ValidationError as error:
            wrong = {str(each["loc"][0]) for each in error.errors(include_url=False)}
            try:
                taken = handler({name: told[name] for name in told if name not in wrong})
            except ValidationError:
                raise error from None  # this one says what is wrong with the id
            taken._unread = sorted(wrong)
            return taken


class BillingAddress(_Received):
    first_name: Text = ""
    last_name: Text = ""
    email: Text = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class BigCommerceOrder(_Received):
    """The fields of an order that AcmeCo needs; the rest of the body stays in the inbox.

    `default_currency_code` is what the shopper pays in, `currency_code` what prices were shown in
    (developer.bigcommerce.com, "Orders V2", "Currency fields").
    """

    id: Number
    status_id: Count | None = None
    status: Text = ""
    is_deleted: Annotated[bool, BeforeValidator(_flag)] = False
    date_created: StoreDate = None
    date_modified: StoreDate = None
    total_inc_tax: Amount = None
    default_currency_code: Currency = ""
    currency_code: Currency = ""
    items_total: Count = 0
    billing_address: BillingAddress = BillingAddress()

    @property
    def currency(self) -> str:
        """The currency that was paid in; "" where the store does not say so legibly."""
        told = self.default_currency_code
        return told or ("" if "default_currency_code" in self.unread else self.currency_code)

    @property
    def is_to_fulfil(self) -> bool:
        """Whether it is an order at all: finished by the shopper, and not deleted since."""
        incomplete = self.status_id == INCOMPLETE or self.status.lower() == "incomplete"
        return not (incomplete or self.is_deleted)
