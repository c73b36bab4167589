"""Whatever a store sends beside the id, the order is taken; what cannot be read is named."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from integrations.models.inbox import Unreadable
from orders.payloads import BigCommerceOrder
from tests.orders.steps import parse

FIELDS = sorted(set(BigCommerceOrder.model_fields) - {"id"})
ALIREZA = "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627"
MIDNIGHT = datetime(2012, 11, 20, tzinfo=UTC)


def test_an_order_as_bigcommerce_writes_it() -> None:
    order = parse(
        status="Awaiting Fulfillment",
        date_created="Tue, 20 Nov 2012 00:00:00 +0000",
        date_modified="Tue, 20 Nov 2012 02:00:00 +0200",
        total_inc_tax="79.0000",
        default_currency_code="EUR",
        currency_code="USD",
        items_total=3,
        billing_address={"first_name": "Jane", "last_name": "Doe", "email": "jane@shop.example"},
        products={"url": "https://store.example/products"},
    )
    assert (order.id, order.date_created, order.date_modified) == ("118", MIDNIGHT, MIDNIGHT)
    assert (order.total_inc_tax, order.currency, order.items_total) == (Decimal(79), "EUR", 3)
    assert (order.billing_address.name, order.status) == ("Jane Doe", "Awaiting Fulfillment")
    assert (order.is_to_fulfil, order.unread) == (True, [])


@pytest.mark.parametrize("nothing", [None, "", [], {}])
@pytest.mark.parametrize("field", FIELDS)
def test_the_number_alone_is_enough_and_what_is_empty_is_absent(field: str, nothing: Any) -> None:
    order = parse(**{field: nothing})
    assert order == parse()
    assert (order.id, order.date_modified, order.total_inc_tax, order.currency) == (
        *("118", None, None),
        "",
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [("118", "118"), ("118.0", "118"), ('" 118\\u0000 "', "118"), ("9" * 64, "9" * 64),
     ('"A 7/ä"', "A 7/ä"), ("-1", "-1"), ("0", "0")],
)  # fmt: skip
def test_an_id_of_any_kind_is_an_id(written: str, meant: str) -> None:
    assert parse(f'{{"id": {written}}}').id == meant


@pytest.mark.parametrize(
    "written", ["true", '""', '"\\u0000"', "[]", '{"$gt": 1}', '"%s"' % ("9" * 65)]
)
def test_an_order_without_an_id_is_none(written: str) -> None:
    with pytest.raises(ValidationError):
        parse(f'{{"id": {written}, "billing_address": {{"email": "jane@shop.example"}}}}')


def test_an_id_that_cannot_be_one_is_not_said_to_be_missing() -> None:
    with pytest.raises(ValidationError, match="at most 64"):
        parse(id="9" * 65, items_total="many")


@pytest.mark.parametrize(
    ("field", "nonsense"),
    [
        *(("total_inc_tax", each) for each in ("1e12", "-1e12", "1e9999999", "NaN", "ten")),
        *(("total_inc_tax", each) for each in (True, [1], {"a": 1}, float("inf"), "1.234,50")),
        *(("default_currency_code", each) for each in ("DOLLARS", "US", "U$D", 840, ["EUR"])),
        *(("items_total", each) for each in (-1, "many", 10**400, 1.5, 2**31, float("nan"))),
        *(("date_modified", each) for each in ("yesterday", ",", 1e300, [1], True, 10**60)),
        ("date_modified", "Tue, 20 Nov 99999999999999999999 00:00:00 +0000"),
        ("date_modified", "Tue, 20 Nov 2012 00:00:00 +99999999999999999999"),
        ("date_modified", "Tue, 31 Feb 2012 00:00:00 +0000"),
        ("date_modified", "9999-12-31T23:59:59-14:00"),
        *(("status", each) for each in ({"id": 1}, [1], True)),
        ("status_id", "eleven"),
        *(("billing_address", each) for each in ("Main Street", 5, [{"first_name": "Ina"}])),
    ],
)  # fmt: skip
def test_a_field_that_makes_no_sense_is_left_out_and_named(field: str, nonsense: Any) -> None:
    order = parse(**{field: nonsense, "customer_message": None})
    assert order.unread == [field]
    assert order.model_dump() == parse().model_dump()


def test_part_of_an_address_that_makes_no_sense_leaves_the_rest() -> None:
    order = parse(billing_address={"first_name": 12345, "last_name": ["x"], "email": "a@b.example"})
    assert (order.billing_address.name, order.billing_address.email) == ("12345", "a@b.example")
    assert order.unread == ["billing_address.last_name"]


@pytest.mark.parametrize(
    ("paid", "shown", "currency"),
    [
        *(("USD", "EUR", "USD"), ("EUR", None, "EUR"), (None, "eur", "EUR")),
        *(("", "", ""), ("?", "EUR", "")),
    ],
)
def test_the_currency_is_the_one_that_was_paid_in(
    paid: str | None, shown: str | None, currency: str
) -> None:
    assert parse(default_currency_code=paid, currency_code=shown).currency == currency


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *(('"49.9900"', "49.99"), ("49.99", "49.99"), ("50", "50"), ('"0.0050"', "0.005")),
        *(('"-1.5"', "-1.5"), ('"1e3"', "1000"), ("1E2", "100"), ('" 7 "', "7")),
        *(('"1,234.50"', "1234.5"), ('"1,234,567"', "1234567"), ("0.1", "0.1")),
        ("99999999999.9999", "99999999999.9999"),
    ],
)
def test_amounts_are_exact(written: str, meant: str) -> None:
    assert parse(f'{{"id": 1, "total_inc_tax": {written}}}').total_inc_tax == Decimal(meant)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Tue, 20 Nov 2012 00:00:00 +0000", MIDNIGHT),
        ("Tue, 20 Nov 2012 00:00:00 -0000", MIDNIGHT),
        ("Tue, 20 Nov 2012 00:00:00", MIDNIGHT),
        ("20 Nov 2012 00:00:00 +0000", MIDNIGHT),
        ("Tue Nov 20 00:00:00 2012", MIDNIGHT),
        ("2012-11-20T00:00:00Z", MIDNIGHT),
        ("2012-11-20 00:00:00", MIDNIGHT),
        ("2012-11-20T01:00:00+01:00", MIDNIGHT),
        (1353369600, MIDNIGHT),
        ("Wed, 30 Nov -0001 00:00:00 +0000", None),
        ("-0001-11-30T00:00:00+00:00", None),
        ("0000-00-00 00:00:00", None),
        ("Mon, 01 Jan 0001 00:00:00 +0000", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("Thu, 01 Jan 1970 00:00:00 +0000", None),
        (0, None),
        (-62135596800, None),
    ],
)
def test_dates_of_every_kind_are_times_in_utc(written: Any, meant: datetime | None) -> None:
    order = parse(date_modified=written)
    assert (order.date_modified, order.unread) == (meant, [])


@given(text=st.text(max_size=40))
def test_no_text_in_place_of_a_date_is_more_than_left_out(text: str) -> None:
    for date in (text, f"Tue, {text}", f"Tue, 20 Nov 2012 {text}", f"{text}, 1 Jan 2020 0:0 0"):
        moment = parse(date_modified=date).date_modified
        assert moment is None or moment.tzinfo is UTC


def test_words_stay_apart_and_whole() -> None:
    order = parse(
        status="Pend\u202eing\0",
        billing_address={"first_name": "Anna\u00a0Lena\u3000子", "last_name": f"{ALIREZA}\tMuster"},
    )
    assert order.status == "Pending"
    assert order.billing_address.name == f"Anna\u00a0Lena\u3000子 {ALIREZA} Muster"


@pytest.mark.parametrize(
    "body",
    [
        rb'{"id": 1, "customer_message": "Thank you \ud83d"}',
        rb'{"id": 1, "\udc00": {"\ud800": ["\udfff"]}}',
        b'{"id": 1, "name": "M\xfcller \xff"}',
        b'{"id": 1, "note": "two\nlines\tand\x01"}',
        b'{"id": 2, "id": 1, "x": NaN, "y": [-Infinity, 1e400], "z": ' + b"9" * 5000 + b"}",
        b'\xef\xbb\xbf{"id": 1}',
        '{"id": 1}'.encode("utf-16"),
        json.dumps({"id": 1, "products": {"url": "x"}, "customer": None}).encode(),
        b'{"id": 1, "x": "' + b"x" * 2_000_000 + b'"}',
    ],
    ids=lambda body: repr(body[:40]),
)
def test_what_other_fields_hold_does_not_matter(body: bytes) -> None:
    order = parse(body)
    assert (order.id, order.unread) == ("1", [])


def test_half_an_emoji_leaves_the_rest_of_the_name() -> None:
    order = parse(rb'{"id": 1, "billing_address": {"first_name": "Ina \ud83d", "last_name": "T"}}')
    assert order.billing_address.name == "Ina T"


@pytest.mark.parametrize("body", [b"", b"{", b"not json", b'{"id": 1, "x": ' + b"[" * 100_000])
def test_what_is_not_json_cannot_be_read(body: bytes) -> None:
    with pytest.raises(Unreadable):
        parse(body)


@pytest.mark.parametrize(
    "fields",
    [{"status_id": 0}, {"status_id": "0"}, {"status": "Incomplete"}, {"is_deleted": True},
     {"is_deleted": "true"}, {"is_deleted": 1, "status_id": 11}, {"is_deleted": "1.0"}],
)  # fmt: skip
def test_what_was_not_finished_or_was_deleted_is_not_to_be_fulfilled(fields: Any) -> None:
    assert not parse(**fields).is_to_fulfil
    assert parse(status_id=11, is_deleted=False).is_to_fulfil


def test_an_error_does_not_repeat_what_came_in() -> None:
    with pytest.raises(ValidationError) as refusal:
        parse(id=["jane@shop.example"])
    assert "jane" not in str(refusal.value)
