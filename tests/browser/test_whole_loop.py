"""The whole loop, played by hand: sign-up, modal, order in, status out, update prompt."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.merchant import Merchant
from tests.services.sandbox import Sandbox

NEW_FIELD = {"name": "warehouse", "displayName": "Warehouse", "type": "string", "required": True}


def test_a_double_click_connects_once_an_order_comes_in_and_its_status_goes_out(
    ready_merchant: Merchant, alloy: Sandbox
) -> None:
    merchant, page = ready_merchant, ready_merchant.page
    merchant.goes_to("/integrations/")
    merchant.card("BigCommerce").get_by_role("button", name="Connect BigCommerce").dblclick()
    expect(merchant.modal.get_by_role("button", name="Log in", exact=True)).to_be_visible()
    merchant.expects_modal(is_open=True)  # one
    merchant.finishes_the_modal()  # which calls back twice
    connected = merchant.card("BigCommerce").get_by_text("Connected", exact=True)
    expect(connected).to_be_visible()
    user_id = merchant.user_id(alloy)
    told = [each["kind"] for each in alloy.webhooks() if each["userId"] == user_id]
    assert told == ["installation"]

    merchant.goes_to("/orders/")
    expect(page.get_by_text("No orders yet")).to_be_visible()
    number = merchant.places_an_order(alloy)
    link = page.locator("#orders").get_by_role("link", name=number, exact=True)
    expect(link).to_be_visible()
    expect(page.locator("#toasts")).to_contain_text(f"New order {number}")

    merchant.opens_order(number)
    page.get_by_label("Status", exact=True).select_option("FULFILLED")
    page.get_by_role("button", name="Set status").click()
    expect(page.locator("#timeline").get_by_text("BigCommerce updated")).to_be_visible()
    orders = [(str(order["id"]), order["status"]) for order in alloy.orders(user_id)]
    assert orders == [(number, "FULFILLED")]


def test_a_click_counts_although_something_new_arrives_while_the_button_is_down(
    connected_merchant: Merchant, alloy: Sandbox
) -> None:
    merchant, page = connected_merchant, connected_merchant.page
    number = merchant.places_an_order(alloy)
    merchant.goes_to("/orders/")
    page.locator("#orders").get_by_role("link", name=number, exact=True).hover()
    page.mouse.down()
    with page.expect_response(lambda answer: "/orders/?" in answer.url and answer.status == 200):
        merchant.places_an_order(alloy)
    page.mouse.up()
    expect(page.get_by_role("heading", name=f"Order {number}")).to_be_visible()


def test_an_update_is_made_in_place_unless_it_needs_answers_which_the_modal_asks_for(
    merchant: Merchant, alloy: Sandbox, page: Page
) -> None:
    merchant.connect("ShipStation")
    alloy.release(workflow := _workflow_of(merchant, alloy, "ShipStation"))
    expect(page.get_by_text("1 integration has an update.").first).to_be_visible()
    update = merchant.card("ShipStation").get_by_role("button", name="Update ShipStation")
    update.click()
    expect(page.get_by_text("ShipStation is up to date now.").first).to_be_visible()
    expect(update).to_have_count(0)
    merchant.expects_modal(is_open=False)

    alloy.release(workflow, NEW_FIELD)
    expect(update).to_be_visible()
    update.click()
    merchant.finishes_the_modal(Warehouse="North")
    expect(update).to_have_count(0)
    expect(merchant.card("ShipStation").get_by_text("Connected", exact=True)).to_be_visible()


def _workflow_of(merchant: Merchant, alloy: Sandbox, name: str) -> str:
    integrations = alloy.integrations_of(merchant.user_id(alloy))
    [workflows] = [each["workflows"] for each in integrations if each["app"] == name]
    return str(workflows[0]["workflowId"])
