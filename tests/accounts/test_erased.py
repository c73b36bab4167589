"""Whoever saves something while the account is being erased hears so, and sees no error page."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from integrations import conf
from integrations.contrib.connectivity.models import Connection
from integrations.contrib.privacy.services import Requester, account_erase
from meetings import selectors
from meetings.models import Meeting
from orders.models import Order
from tests.integrations.threads import at_once
from tests.pages import logged_in

pytestmark = pytest.mark.django_db(transaction=True)

MEETING = {"title": "Weekly", "starts_at": "2026-11-20T12:00"}
CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Weekly\r\n"
    b"DTSTART:20991120T120000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)

WRITES: list[tuple[str, Callable[[], dict[str, Any]], str]] = [
    ("/meetings/new/", lambda: MEETING, "meetings.services.meeting_create"),
    ("/meetings/1/edit/", lambda: MEETING | {"notes": "x"}, "meetings.services.meeting_save"),
    ("/meetings/1/sync/", dict, "meetings.services.meeting_copy"),
    ("/meetings/1/delete/", dict, "meetings.services.meeting_delete"),
    (
        "/meetings/import/",
        lambda: {"file": SimpleUploadedFile("calendar.ics", CALENDAR)},
        "meetings.imports.meetings_import",
    ),
    ("/orders/1/", lambda: {"status": "PICKING"}, "orders.services.order_change_status"),
]


@pytest.fixture
def owner(merchant: User) -> User:
    """A merchant with a meeting, an order, and a Notion account."""
    Meeting.objects.create(pk=1, merchant=merchant, title="Weekly", starts_at="2026-11-20T12:00Z")
    Order.objects.create(pk=1, merchant=merchant, external_id="100")
    Connection.objects.create(
        tenant=merchant, environment=conf.environment(), connector="notion", name="Notion"
    )
    return merchant


def erase(user: User) -> None:
    account_erase(tenant=type(user).objects.get(pk=user.pk), requested_by=Requester.MERCHANT)


@pytest.mark.parametrize(("path", "data", "service"), WRITES)
def test_what_cannot_be_saved_any_more_is_answered_plainly(
    owner: User,
    merchant_client: Client,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    data: Callable[[], dict[str, Any]],
    service: str,
) -> None:
    module, _, name = service.rpartition(".")
    save = getattr(import_module(module), name)

    def erased_first(**given: Any) -> Any:
        erase(owner)
        return save(**given)

    monkeypatch.setattr(service, erased_first)
    merchant_client.raise_request_exception = False
    answer = merchant_client.post(path, data())
    assert answer.status_code == 410
    assert "This account is deleted" in answer.content.decode()
    assert merchant_client.get("/meetings/").headers["Location"].startswith("/accounts/login/")


def test_what_is_not_found_any_more_is_answered_plainly(
    owner: User, merchant_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    meetings_of = selectors.meetings_of

    def erased_first(merchant: User) -> Any:
        erase(owner)
        return meetings_of(merchant)

    monkeypatch.setattr("meetings.selectors.meetings_of", erased_first)
    assert merchant_client.post("/meetings/1/edit/", MEETING).status_code == 410


def test_saving_and_erasing_at_once_ends_in_no_error(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.wake.wake", lambda *_: None)
    clients = [logged_in(owner, raise_request_exception=False) for _ in range(4)]

    def write(number: int) -> set[int]:
        if number == len(clients):
            erase(owner)
            return set()
        path, data, _ = [WRITES[0], WRITES[1], WRITES[2], WRITES[-1]][number]
        return {clients[number].post(path, data()).status_code for _ in range(5)}

    for statuses in at_once(len(clients) + 1, write):
        assert statuses <= {302, 410}
    assert not type(owner).objects.exists()


def test_an_error_of_an_account_that_is_there_stays_an_error(
    merchant_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meetings.services.meeting_save", lambda **given: 1 / 0)
    merchant_client.raise_request_exception = False
    assert merchant_client.post("/meetings/new/", MEETING).status_code == 500
