"""The settings page: taking data along, and having it erased."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import User
from integrations.contrib.privacy.models import Erasure
from orders.models import Order, Status
from orders.services import order_change_status
from tests.integrations.conftest import make_ready
from tests.pages import HTMX, logged_in, poll

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alloy", "woken")]

PAGE = "/settings/"
OWNER = "merchant@acme.example"
LOGS, ACCOUNT = f"{PAGE}erase-logs/", f"{PAGE}erase-account/"


@pytest.fixture
def merchant_client(merchant_client: Client) -> Client:
    """The merchant, who showed a moment ago that it is them."""
    merchant_client.post("/accounts/reauthenticate/", {"password": "a long pass phrase"})
    return merchant_client


def exported(client: Client) -> dict[str, list[dict[str, object]]]:
    answer = client.get(f"{PAGE}export/")
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    loaded: dict[str, list[dict[str, object]]] = json.loads(answer.getvalue())
    return loaded


def test_the_export_has_the_account_its_orders_and_their_history(
    merchant: User, other_merchant: User, merchant_client: Client
) -> None:
    order = Order.objects.create(merchant=merchant, external_id="118", customer_name='"Äda"')
    Order.objects.create(merchant=other_merchant, external_id="999")
    order_change_status(order=order, status=Status.PACKED, changed_by=merchant)
    data = exported(merchant_client)
    assert [each["email"] for each in data["account"]] == [merchant.email]
    assert [each["customer_name"] for each in data["orders"]] == ['"Äda"']
    assert [each["new_status"] for each in data["order_history"]] == ["PACKED"]
    assert data["messages"][-1]["payload"] == {"orderId": "118", "status": "PACKED"}
    assert "999" not in str(data["orders"])


def test_the_export_of_somebody_who_has_nothing_is_still_json(merchant_client: Client) -> None:
    assert exported(merchant_client)["orders"] == []


@pytest.mark.parametrize(("path", "typed"), [(LOGS, "delete my logs"), (ACCOUNT, OWNER)])
def test_what_cannot_be_undone_asks_for_the_password_again_and_then_goes_on(
    merchant: User, path: str, typed: str
) -> None:
    make_ready(merchant)
    client = logged_in(merchant)
    asked = client.post(path, {"typed": typed})
    assert asked["Location"] == f"/accounts/reauthenticate/?next={quote(path, safe='')}"
    assert not Erasure.objects.exists()
    client.post(asked["Location"], {"password": "wrong", "next": path})
    assert not Erasure.objects.exists()
    client.post(asked["Location"], {"password": "a long pass phrase", "next": path})
    assert Erasure.objects.count() == 1


def test_the_export_asks_for_the_password_again(merchant: User) -> None:
    client = logged_in(merchant)
    asked = client.get(f"{PAGE}export/")
    assert asked["Location"].startswith("/accounts/reauthenticate/?next=")
    form = {"password": "a long pass phrase", "next": f"{PAGE}export/"}
    assert exported(client) if client.post(asked["Location"], form).status_code == 302 else False


@pytest.mark.parametrize("typed", ["", "yes", "other@acme.example"])
@pytest.mark.parametrize("path", [LOGS, ACCOUNT])
def test_what_is_not_typed_right_deletes_nothing(
    merchant: User, merchant_client: Client, path: str, typed: str
) -> None:
    answer = merchant_client.post(path, {"typed": typed})
    assert answer.status_code == 422
    assert answer.content.count(b"aria-invalid") == 1
    assert not Erasure.objects.exists()
    merchant.refresh_from_db()


def test_what_was_not_typed_right_is_where_the_page_opens(merchant_client: Client) -> None:
    page = merchant_client.post(ACCOUNT, {"typed": "something else"}).content.decode()
    (field,) = [tag for tag in page.split("<input") if "autofocus" in tag]
    assert 'id="account-typed"' in field
    assert "autofocus" not in merchant_client.get(PAGE).content.decode()


def test_logs_are_deleted_once_that_is_typed(merchant: User, merchant_client: Client) -> None:
    make_ready(merchant)
    answer = merchant_client.post(LOGS, {"typed": " Delete my logs "}, follow=True)
    assert b"It is being done" in answer.content
    erasure = Erasure.objects.get()
    assert (erasure.scope, erasure.requested_by) == ("logs", "merchant")


def test_a_poll_hears_of_it_only_when_it_is_further(
    merchant: User, merchant_client: Client
) -> None:
    make_ready(merchant)
    html = merchant_client.post(LOGS, {"typed": "delete my logs"}, follow=True).content.decode()
    assert poll(merchant_client, html).status_code == 204
    assert merchant_client.get(PAGE, headers=HTMX).status_code == 200


def test_an_account_is_deleted_once_its_address_is_typed(
    merchant: User, merchant_client: Client
) -> None:
    Order.objects.create(merchant=merchant, external_id="118")
    answer = merchant_client.post(ACCOUNT, {"typed": merchant.email.upper()}, follow=True)
    assert b"Your account is deleted" in answer.content
    assert not User.objects.filter(pk=merchant.pk).exists()
    assert not Order.objects.exists()
    assert merchant_client.get(PAGE).status_code == 302


def test_an_operator_cannot_delete_themselves(operator: User, operator_client: Client) -> None:
    operator_client.post(ACCOUNT, {"typed": operator.email})
    operator.refresh_from_db()
    assert b"Operators cannot delete themselves" in operator_client.get(PAGE).content
