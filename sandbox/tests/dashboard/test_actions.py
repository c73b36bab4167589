"""Every button makes the control call that it names, and the page says what was done."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from alloy_sandbox.connectivity.connectors import find_connector
from alloy_sandbox.connectivity.credentials import connect_account
from alloy_sandbox.core.models import (
    Account,
    Execution,
    Fault,
    Integration,
    Item,
    User,
    WebhookDelivery,
)
from alloy_sandbox.core.preferences import destinations, prefer, preferences
from alloy_sandbox.embedded.installing import install
from tests.dashboard.conftest import find_call, press, read_page


@pytest.fixture
def notion(merchant: User) -> Account:
    made = connect_account(user=merchant, connector=find_connector("notion"), name="Acme HQ")
    assert made.account
    return made.account


def test_opening_the_address_of_an_action_does_nothing(visitor: Client, merchant: User) -> None:
    assert visitor.get("/dashboard/do/post/reset").status_code == 405
    assert User.objects.exists()


@pytest.mark.parametrize("call", ["post/nothing", "delete/reset", "post/users"])
def test_what_is_no_control_call_is_said_to_be_none(visitor: Client, db: None, call: str) -> None:
    assert press(visitor, call) == "Control call not found"


def test_a_new_version_keeps_the_fields_or_brings_one_more(
    visitor: Client, bigcommerce: Integration
) -> None:
    workflow = bigcommerce.workflows.get(position=0)
    call = f"post/workflows/{workflow.pk}/releases"
    assert "Version 2" in press(visitor, call)
    assert (workflow.version, workflow.latest_release.configurable_fields) == (2, [])
    new = {"addField.displayName": "Order tag", "addField.options": "Gift, Bulk order"}
    assert "must go through the modal" in press(visitor, call, **new)
    assert workflow.latest_release.configurable_fields == [
        {
            "name": "order-tag",
            "displayName": "Order tag",
            "type": "string",
            "required": True,
            "options": [
                {"displayName": "Gift", "value": "gift"},
                {"displayName": "Bulk order", "value": "bulk-order"},
            ],
        }
    ]
    assert "same name" in press(visitor, call, **new)
    assert press(visitor, "post/workflows/x/releases") == "Workflow not found"


def test_an_integration_is_installed_paused_resumed_failed_and_uninstalled(
    visitor: Client, merchant: User, bigcommerce: Integration
) -> None:
    prefer(errors="http://localhost:9/")
    page = f"/dashboard/users/{merchant.pk}"
    call = find_call(visitor, page, "Install BigCommerce")
    assert "there is no destination" in press(visitor, call)
    prefer(installations="http://localhost:9/")
    assert "gets the installation webhook" in press(visitor, call)
    copy = merchant.installations.order_by("workflow__position")[0]
    name = copy.workflow.name
    for label, active in (("Pause", False), ("Resume", True)):
        press(visitor, find_call(visitor, page, f"{label} {name}"))
        copy.refresh_from_db()
        assert copy.active is active
    call = find_call(visitor, page, f"Fail once: {name}")
    assert "has failed once" in press(visitor, call, error="Asked for")
    assert Execution.objects.get().failed
    assert "Asked for" in WebhookDelivery.objects.get(kind="error").body
    press(visitor, find_call(visitor, page, f"Uninstall {name}"))
    assert not merchant.installations.filter(pk=copy.pk).exists()


def test_an_order_is_placed_without_a_word_or_with_a_buyer_a_total_and_a_note(
    visitor: Client, merchant: User
) -> None:
    call = f"post/stores/{merchant.pk}/orders"
    press(visitor, call)
    typed = {"billing_address.first_name": "Zoë", "total_inc_tax": "12.5", "customer_message": ""}
    press(visitor, call, **typed)
    usual, payload = (order.payload for order in merchant.orders.all())
    assert payload["billing_address"]["first_name"] == "Zoë"
    assert payload["billing_address"]["city"]
    assert (payload["total_inc_tax"], usual["id"], payload["id"]) == ("12.5", 100, 101)


def test_a_webhook_is_sent_again(visitor: Client, merchant: User, bigcommerce: Integration) -> None:
    prefer(installations="http://localhost:9/")
    install(user=merchant, integration=bigcommerce)
    delivery = WebhookDelivery.objects.get()
    WebhookDelivery.objects.update(status="delivered", attempts_left=0, next_attempt_at=None)
    press(visitor, f"post/webhooks/{delivery.pk}/redeliver")
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts_left) == ("pending", 1)


def test_faults_are_switched_on_and_off(visitor: Client, db: None) -> None:
    typed = {"path": "/run/event", "status": "503", "times": "3", "rate": "0.5", "delayMs": ""}
    assert press(visitor, "post/faults", **typed) == "Switched on for /run/event: status 503."
    press(visitor, "post/faults", path="/other", drop="before")
    one = Fault.objects.get(path="/run/event")
    assert (one.status, one.times, one.rate, one.acts) == (503, 3, 0.5, False)
    assert press(visitor, f"delete/faults/{one.pk}") == "The fault is off."
    assert press(visitor, f"delete/faults/{one.pk}") == "Fault not found"
    assert [each.path for each in Fault.objects.all()] == ["/other"]
    press(visitor, "delete/faults")
    assert not Fault.objects.exists()


@pytest.mark.parametrize(
    ("call", "typed", "reason"),
    [
        ("post/faults", {"path": "/mine"}, "Say what goes wrong"),
        ("post/faults", {"path": "/mine", "rate": "0", "status": "500"}, "greater than 0"),
        ("post/faults", {"path": "/_sandbox/mine", "status": "500"}, "own controls"),
        ("put/destinations", {"orders": "javascript:alert(1)"}, "absolute http or https URL"),
    ],
)
def test_what_is_refused_is_told_with_the_reason_and_stays_typed_in(
    visitor: Client, db: None, call: str, typed: dict[str, Any], reason: str
) -> None:
    on = f"/dashboard/{call.partition('/')[2]}"
    assert reason in press(visitor, call, on, **typed)
    back = visitor.post(f"/dashboard/do/{call}", typed, headers={"referer": f"http://a{on}?x=1"})
    found = read_page(visitor, back["Location"])
    assert all(f'value="{each}"' in found for each in typed.values())
    assert not Fault.objects.exists()
    assert destinations().orders == ""


def test_destinations_and_behaviours_are_chosen(visitor: Client, db: None) -> None:
    prefer(orders="http://a.example/")
    given = {"installations": "http://a.example/", "orders": "", "errors": "https://b.example/"}
    press(visitor, "put/destinations", **given)
    assert destinations().model_dump() == given
    press(visitor, "put/preferences", executeForm="documented", modal="stays")
    assert (preferences().execute_form, preferences().modal) == ("documented", "stays")
    assert read_page(visitor, "/dashboard/services").count(" selected>") == 2


def test_a_notion_page_is_moved_to_the_trash_restored_and_deleted(
    visitor: Client, notion: Account
) -> None:
    written = notion.items.get(kind="page")
    call, on = f"notion/pages/{written.pk}", f"/dashboard/services/{notion.pk}"
    assert "is in the trash" in press(visitor, f"put/{call}?archived=true", on)
    assert "In the trash" in read_page(visitor, on)
    assert "is back" in press(visitor, f"put/{call}?archived=false", on)
    assert "deleted for good" in press(visitor, f"delete/{call}", on)
    assert press(visitor, f"delete/{call}", on) == "Page not found"
    assert "There is nothing in it" in read_page(visitor, on)
    assert not Item.objects.filter(kind="block").exists()


def test_a_revoked_credential_leaves_the_account_closed(
    visitor: Client, merchant: User, notion: Account
) -> None:
    credential = notion.credentials.get()
    assert "revoked" in press(visitor, f"delete/connections/{merchant.pk}/{credential.pk}")
    on = f"/dashboard/services/{notion.pk}"
    assert "No credential opens this account any more" in read_page(visitor, on)
    assert "Nothing: revoked" in read_page(visitor, "/dashboard/services")


def test_a_reset_forgets_the_users_and_keeps_the_catalogue(visitor: Client, merchant: User) -> None:
    press(visitor, "post/reset")
    assert not User.objects.exists()
    assert Integration.objects.exists()
