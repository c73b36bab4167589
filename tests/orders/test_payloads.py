from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orders.payloads import BigCommerceOrder


def parse(**fields: Any) -> BigCommerceOrder:
    """Parse an order as a delivery's body would bring it."""
    return BigCommerceOrder.model_validate_json(json.dumps({"id": 118, **fields}))


def test_an_order_as_bigcommerce_writes_it() -> None:
    order = parse(
        status="Awaiting Fulfillment",
        date_created="Tue, 20 Nov 2012 00:00:00 +0000",
        date_modified="Tue, 20 Nov 2012 02:00:00 +0200",
        total_inc_tax="79.0000",
        currency_code="EUR",
        items_total=3,
        billing_address={"first_name": "Jane", "last_name": "Doe", "email": "jane@shop.example"},
        products={"url": "https://store.example/products"},
    )
    midnight = datetime(2012, 11, 20, tzinfo=UTC)
    assert (order.id, order.date_created, order.date_modified) == ("118", midnight, midnight)
    assert (order.total_inc_tax, order.currency_code, order.items_total) == (
        Decimal("79.00"),
        "EUR",
        3,
    )
    assert (order.billing_address.name, order.status) == ("Jane Doe", "Awaiting Fulfillment")


def test_the_number_alone_is_enough() -> None:
    order = parse()
    assert (order.id, order.date_modified, order.total_inc_tax, order.currency_code) == (
        "118",
        None,
        Decimal(0),
        "USD",
    )


@pytest.mark.parametrize(
    "field",
    [
        "status",
        "date_created",
        "date_modified",
        "total_inc_tax",
        "currency_code",
        "items_total",
        "billing_address",
    ],
)
def test_null_means_absent(field: str) -> None:
    assert parse(**{field: None}) == parse()


def test_null_in_an_address_means_absent() -> None:
    order = parse(billing_address={"first_name": None, "last_name": "Doe", "email": None})
    assert order.billing_address.name == "Doe"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Tue, 20 Nov 2012 00:00:00 +0000", datetime(2012, 11, 20, tzinfo=UTC)),
        ("Tue, 20 Nov 2012 00:00:00 -0000", datetime(2012, 11, 20, tzinfo=UTC)),
        ("Tue, 20 Nov 2012 00:00:00", datetime(2012, 11, 20, tzinfo=UTC)),
        ("2012-11-20T00:00:00Z", datetime(2012, 11, 20, tzinfo=UTC)),
        ("2012-11-20T00:00:00", datetime(2012, 11, 20, tzinfo=UTC)),
        ("2012-11-20T01:00:00+01:00", datetime(2012, 11, 20, tzinfo=UTC)),
        (1353369600, datetime(2012, 11, 20, tzinfo=UTC)),
        ("", None),
    ],
)
def test_dates_of_every_kind_are_times_in_utc(written: Any, meant: datetime | None) -> None:
    assert parse(date_modified=written).date_modified == meant


@pytest.mark.parametrize(
    "date",
    [
        "yesterday",
        "Tue, 20 Nov 99999999999999999999 00:00:00 +0000",
        "Tue, 20 Nov 2012 00:00:00 +99999999999999999999",
        "Tue, 31 Feb 2012 00:00:00 +0000",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        ",",
        1e300,
        [],
        True,
    ],
)
def test_what_is_no_date_is_refused(date: Any) -> None:
    with pytest.raises(ValidationError):
        parse(date_modified=date)


@given(text=st.text(st.characters(codec="utf-8"), max_size=40))
def test_no_text_in_place_of_a_date_is_more_than_refused(text: str) -> None:
    for date in (text, f"Tue, {text}", f"Tue, 20 Nov 2012 {text}", f"{text}, 1 Jan 2020 0:0 0"):
        try:
            moment = parse(date_modified=date).date_modified
        except ValidationError:
            continue
        assert moment is None or moment.tzinfo is UTC


@pytest.mark.parametrize(
    ("written", "meant"),
    [("49.9900", "49.99"), (49.99, "49.99"), (50, "50.00"), ("0.005", "0.00"), ("-1.5", "-1.50")],
)
def test_amounts_have_two_places(written: Any, meant: str) -> None:
    assert str(parse(total_inc_tax=written).total_inc_tax) == meant


@pytest.mark.parametrize(
    "amount", ["1e12", "999999999999.995", "-1e12", "1e999999999999999999", "NaN", "inf", "", "ten"]
)
def test_an_amount_that_does_not_fit_is_refused(amount: str) -> None:
    with pytest.raises(ValidationError):
        parse(total_inc_tax=amount)


@pytest.mark.parametrize("code", ["DOLLARS", "US", "", "U$D", "US\0", 840])
def test_what_is_no_currency_is_refused(code: Any) -> None:
    with pytest.raises(ValidationError):
        parse(currency_code=code)


def test_a_currency_is_written_in_capitals() -> None:
    assert parse(currency_code="eur").currency_code == "EUR"


def test_numbers_may_come_as_text() -> None:
    order = parse(id="118", items_total="3", total_inc_tax="5")
    assert (order.id, order.items_total, order.total_inc_tax) == ("118", 3, Decimal(5))


def test_what_cannot_be_shown_is_left_out_of_texts() -> None:
    order = parse(
        status="Pend\u202eing\0", billing_address={"first_name": "J\0ane\n", "last_name": "Döe 😀"}
    )
    assert (order.status, order.billing_address.name) == ("Pending", "Jane Döe 😀")


def test_a_refusal_does_not_repeat_what_came_in() -> None:
    with pytest.raises(ValidationError) as refusal:
        parse(billing_address={"email": ["jane@shop.example"]})
    assert "jane" not in str(refusal.value)
