"""What the keyboard reaches, what a screen reader hears, what is seen in forced colours."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.merchant import Merchant
from tests.services.sandbox import Sandbox
from tests.services.stack import Stack

WHERE = """() => {
    const at = document.activeElement;
    const modal = document.querySelector("[role=dialog]");
    return modal?.contains(at) ? at.tagName : `outside: ${at.outerHTML.slice(0, 80)}`;
}"""


def test_the_modal_holds_the_keyboard_until_any_way_out_gives_the_page_back_unconnected(
    merchant: Merchant,
) -> None:
    page, card = merchant.page, merchant.card("BigCommerce")
    close = page.get_by_role("button", name="Close", exact=True)
    connect = card.get_by_role("button", name="Connect BigCommerce")

    def click_beside() -> None:
        page.mouse.down(click_count=2)  # the second half of a slow double click does not count
        page.mouse.up(click_count=2)
        merchant.expects_modal(is_open=True)
        page.mouse.click(5, 5)

    ways_out: list[Callable[[], None]] = [
        click_beside,
        close.click,
        merchant.modal.get_by_role("button", name="Close").click,
        lambda: close.press("Escape"),
        lambda: page.keyboard.press("Escape"),  # in Alloy's frame
    ]
    merchant.opens("BigCommerce")
    expect(page.get_by_role("dialog", name="Connect BigCommerce")).to_have_count(1)
    for way_out in ways_out:
        expect(merchant.modal.locator("input:visible").first).to_be_focused()
        way_out()
        merchant.expects_modal(is_open=False)
        expect(connect).to_be_focused()
        assert not page.evaluate("document.querySelectorAll('[inert]').length")
        assert page.evaluate("getComputedStyle(document.documentElement).overflow") == "visible"
        connect.press("Enter")
    expect(card.get_by_text("Connected", exact=True)).to_have_count(0)
    expect(merchant.modal.locator("input:visible").first).to_be_focused()
    expect_the_keyboard_held(page)


def expect_the_keyboard_held(page: Page) -> None:
    """See that Tab stays in the modal, and that the page behind it stands still."""
    for key in ("Tab", "Shift+Tab"):
        reached = set()
        for _ in range(6):
            page.keyboard.press(key)
            reached.add(page.evaluate(WHERE))
        assert reached == {"IFRAME", "BUTTON"}, reached
    assert page.evaluate("document.querySelector('main').matches('[inert] *, [inert]')")
    assert page.evaluate("getComputedStyle(document.documentElement).overflow") == "hidden"


def test_a_click_is_answered_though_the_page_is_renewed_while_alloy_takes_its_time(
    merchant: Merchant, alloy: Sandbox
) -> None:
    page = merchant.page
    merchant.goes_to("/integrations/")
    alloy.misbehave(f"/users/{merchant.user_id(alloy)}/token", delayMs=2_000, times=1)
    with page.expect_request("**/connect/"):
        merchant.card("BigCommerce").get_by_role("button", name="Connect BigCommerce").click()
    with page.expect_response("**/check/**"):
        page.evaluate("document.getElementById('check-now').requestSubmit()")
    merchant.expects_modal(is_open=True)


def test_a_login_begins_at_its_first_field_and_is_one_click_for_the_demo(
    stack: Stack, page: Page, demo: None
) -> None:
    page.goto(f"{stack.url}/accounts/login/?next=/orders/")
    expect(page.locator("[name=login]:visible")).to_be_focused()
    page.get_by_role("button", name="Log in as Demo Merchant").click()
    expect(page.get_by_role("heading", name="Orders", level=1)).to_be_visible()
