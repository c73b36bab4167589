"""What is said when something goes wrong on our side."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError, connection
from django.test import Client

from accounts.models import User
from orders.models import Order

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor() -> Client:
    """Somebody at a browser, who is shown the page and no exception."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("the server closed the connection"), 503),
        (InterfaceError("connection already closed"), 503),
        (ZeroDivisionError(), 500),
    ],
)
def test_a_database_that_is_away_is_worth_another_try_and_a_mistake_is_not(
    visitor: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("acmeco.views.render", fail)
    answer = visitor.get("/")
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == ("5" if status == 503 else None)
    assert b"Something went wrong on our side" in answer.content


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("the server closed the connection"), 503),
        (InternalError("cannot execute UPDATE in a read-only transaction"), 503),
        (DatabaseError("gone"), 400),
    ],
)
def test_a_database_that_goes_away_as_the_session_is_saved_is_not_the_clients_fault(
    visitor: Client, merchant: User, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    order = Order.objects.create(merchant=merchant, external_id="118", customer_name="Ada")
    visitor.force_login(merchant)

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Session, "save", fail)
    assert visitor.post(f"/orders/{order.pk}/", {"status": "SHIPPED"}).status_code == status


@pytest.mark.django_db(transaction=True)
def test_while_the_database_is_read_only_pages_are_read_and_changes_are_put_off(
    visitor: Client, merchant: User
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL becomes read-only, in a failover")
    order = Order.objects.create(merchant=merchant, external_id="118", customer_name="Ada")
    visitor.force_login(merchant)
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        page = visitor.get(f"/orders/{order.pk}/")
        change = visitor.post(f"/orders/{order.pk}/", {"status": "SHIPPED"})
        cursor.execute("SET default_transaction_read_only = off")

    assert (page.status_code, change.status_code) == (200, 503)


@pytest.mark.parametrize(
    ("fails", "who"),
    [
        ("acmeco.views.home_of", True),
        ("accounts.preferences.browser_time_zone", True),
        ("django.contrib.auth.get_user", False),
    ],
)
def test_what_failed_is_logged_whoever_it_failed_for_and_the_next_request_starts_over(
    visitor: Client,
    merchant: User,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fails: str,
    who: bool,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OperationalError("the server closed the connection")

    visitor.force_login(merchant)
    monkeypatch.setattr(fails, fail)
    assert visitor.get("/").status_code == 503

    [line] = _logged(caplog, "request_failed")
    assert line["request"] == "GET /"
    assert ("user_id" in line) == who
    assert "OperationalError" in caplog.text

    visitor.post("/webhooks/alloy/wrong/orders/")
    [line] = _logged(caplog, "webhook_refused")
    assert line.keys().isdisjoint({"user_id", "request_id"})


def _logged(caplog: pytest.LogCaptureFixture, event: str) -> list[dict[str, Any]]:
    said = [each.msg for each in caplog.records if isinstance(each.msg, dict)]
    return [each for each in said if each["event"] == event]
