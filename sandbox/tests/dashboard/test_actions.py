"""Every button does what it says, and says what it did."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from alloy_sandbox.core.models import Execution, Fault, Integration, User, WebhookDelivery
from alloy_sandbox.embedded.services import install
from alloy_sandbox.stores.services import store_of
from alloy_sandbox.webhooks.destinations import destinations, set_destinations


def press(visitor: Client, path: str, /, **answers: Any) -> str:
    """Send a form, follow to the page it leads to, and return what that page says was done."""
    response = visitor.post(path, answers, follow=True)
    assert response.status_code == 200
    said = re.findall(r'<li class="message [^>]*>(.*?)</li>', response.content.decode())
    assert len(said) == 1
    return html.unescape(said[0])


@pytest.mark.parametrize(
    "headers",
    [{"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "same-site"}],
)
def test_a_form_from_elsewhere_is_refused(
    visitor: Client, merchant: User, headers: dict[str, str]
) -> None:
    response = visitor.post("/dashboard/reset/confirm", headers=headers)
    assert response.status_code == 403
    assert User.objects.exists()


def test_opening_the_address_of_an_action_does_nothing(visitor: Client, merchant: User) -> None:
    assert visitor.get("/dashboard/reset/confirm").status_code == 405


def test_a_new_version_keeps_the_fields(visitor: Client, bigcommerce: Integration) -> None:
    workflow = bigcommerce.workflows.get(position=0)
    assert "Version 2" in press(visitor, "/dashboard/release", workflow=workflow.pk)
    assert (workflow.version, workflow.latest_release.configurable_fields) == (2, [])


def test_a_new_version_may_bring_a_new_field_with_choices(
    visitor: Client, bigcommerce: Integration
) -> None:
    workflow = bigcommerce.workflows.get(position=0)
    press(
        visitor,
        "/dashboard/release-with-field",
        workflow=workflow.pk,
        display_name="Order tag",
        options="Gift, Bulk order",
    )
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


def test_the_same_new_field_twice_is_refused(visitor: Client, bigcommerce: Integration) -> None:
    answers = {"workflow": bigcommerce.workflows.get(position=0).pk, "display_name": "Order tag"}
    press(visitor, "/dashboard/release-with-field", **answers)
    said = press(visitor, "/dashboard/release-with-field", **answers)
    assert "same name" in said


def test_an_unknown_workflow_is_said_to_be_unknown(visitor: Client, merchant: User) -> None:
    assert press(visitor, "/dashboard/release", workflow="x") == "Workflow not found"


def test_an_integration_can_be_installed_with_made_up_answers(
    visitor: Client, merchant: User
) -> None:
    klaviyo = Integration.objects.get(connector="klaviyo")
    path = f"/dashboard/users/{merchant.pk}/install"
    assert "Klaviyo is installed" in press(visitor, path, integration=klaviyo.pk)
    assert merchant.installations.count() == klaviyo.workflows.count()


def test_a_workflow_can_be_paused_resumed_and_uninstalled(
    visitor: Client, merchant: User, bigcommerce: Integration
) -> None:
    copy = install(user=merchant, integration=bigcommerce)[0]
    path = f"/dashboard/users/{merchant.pk}"
    press(visitor, f"{path}/pause", workflow=copy.workflow_id)
    copy.refresh_from_db()
    assert not copy.active
    press(visitor, f"{path}/resume", workflow=copy.workflow_id)
    copy.refresh_from_db()
    assert copy.active
    press(visitor, f"{path}/uninstall", workflow=copy.workflow_id)
    assert not merchant.installations.filter(pk=copy.pk).exists()


def test_a_run_can_be_made_to_fail(
    visitor: Client, merchant: User, bigcommerce: Integration
) -> None:
    set_destinations(urls={"errors": "http://localhost:9/"})
    copy = install(user=merchant, integration=bigcommerce)[0]
    said = press(visitor, f"/dashboard/users/{merchant.pk}/fail", workflow=copy.workflow_id)
    assert "has failed once" in said
    assert Execution.objects.get().failed
    assert "asked for at the dashboard" in WebhookDelivery.objects.get().body


def test_an_order_can_be_placed_without_a_word(visitor: Client, merchant: User) -> None:
    said = press(visitor, f"/dashboard/stores/{merchant.pk}/orders")
    assert said == f"Order {store_of(user=merchant).orders.get().number} is placed."


def test_an_order_can_be_given_a_buyer_a_total_and_a_note(visitor: Client, merchant: User) -> None:
    press(
        visitor,
        f"/dashboard/stores/{merchant.pk}/orders",
        first_name="Zoë",
        total="12.5",
        customer_message="Ring twice",
    )
    payload = store_of(user=merchant).orders.get().payload
    assert payload["billing_address"]["first_name"] == "Zoë"
    assert payload["billing_address"]["city"]
    assert (payload["total_inc_tax"], payload["customer_message"]) == ("12.5000", "Ring twice")


def test_a_total_that_is_no_number_is_refused(visitor: Client, merchant: User) -> None:
    said = press(visitor, f"/dashboard/stores/{merchant.pk}/orders", total="much")
    assert said == "Total in USD: Enter a number."
    assert not store_of(user=merchant).orders.exists()


def test_a_webhook_can_be_sent_again(
    visitor: Client, merchant: User, bigcommerce: Integration
) -> None:
    set_destinations(urls={"installations": "http://localhost:9/"})
    install(user=merchant, integration=bigcommerce)
    delivery = WebhookDelivery.objects.get()
    WebhookDelivery.objects.update(status="delivered", attempts_left=0, next_attempt_at=None)
    press(visitor, f"/dashboard/webhooks/{delivery.pk}/send-again")
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts_left) == ("pending", 1)


def test_a_fault_can_be_switched_on_and_all_cleared(visitor: Client, db: None) -> None:
    said = press(
        visitor, "/dashboard/faults/add", path="/run/event", status="503", times="3", percent="50"
    )
    assert said == "Switched on for /run/event: status 503."
    fault = Fault.objects.get()
    assert (fault.status, fault.times, fault.rate, fault.acts) == (503, 3, 0.5, False)
    press(visitor, "/dashboard/faults/clear")
    assert not Fault.objects.exists()


def test_one_fault_can_be_switched_off(visitor: Client, db: None) -> None:
    for path in ("/one", "/other"):
        press(visitor, "/dashboard/faults/add", path=path, status="503", percent="100")
    one = Fault.objects.get(path="/one")
    assert press(visitor, "/dashboard/faults/remove", fault=one.pk) == "The fault is off."
    assert [each.path for each in Fault.objects.all()] == ["/other"]


@pytest.mark.parametrize("fault", ["", "x", "0", "9" * 40])
def test_a_fault_that_is_not_there_cannot_be_switched_off(
    visitor: Client, db: None, fault: str
) -> None:
    assert press(visitor, "/dashboard/faults/remove", fault=fault) == "Fault not found"


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"path": "/mine", "percent": "100"}, "Say what goes wrong"),
        ({"path": "/mine", "percent": "0", "status": "500"}, "greater than or equal to 1"),
        ({"path": "/_sandbox/mine", "percent": "100", "status": "500"}, "own controls"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_with_the_reason_and_stays_typed_in(
    visitor: Client, db: None, answers: dict[str, str], reason: str
) -> None:
    response = visitor.post("/dashboard/faults/add", answers)
    assert response.status_code == 422
    found = html.unescape(response.content.decode())
    assert re.search(rf'class="errorlist[^>]*><li>[^<]*{reason}', found)
    assert f'value="{answers["path"]}"' in found
    assert not Fault.objects.exists()


def test_the_destinations_can_be_changed(visitor: Client, db: None) -> None:
    given = {"installations": "http://a.example/", "orders": "", "errors": "https://b.example/"}
    press(visitor, "/dashboard/destinations/save", **given)
    assert destinations() == given


def test_a_destination_that_is_no_address_is_refused_and_stays_typed_in(
    visitor: Client, db: None
) -> None:
    set_destinations(urls={"orders": "http://a.example/"})
    typed = {"installations": "javascript:alert(1)", "orders": "http://b.example/"}
    response = visitor.post("/dashboard/destinations/save", typed)
    assert response.status_code == 422
    found = response.content.decode()
    assert "Must be an absolute http or https URL, or empty" in found
    assert all(f'value="{url}"' in found for url in typed.values())
    assert destinations()["orders"] == "http://a.example/"


def test_a_reset_forgets_the_users_and_keeps_the_catalogue(visitor: Client, merchant: User) -> None:
    press(visitor, "/dashboard/reset/confirm")
    assert not User.objects.exists()
    assert Integration.objects.exists()
