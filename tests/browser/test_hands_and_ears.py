"""What the keyboard reaches, what a screen reader hears, what is seen in forced colours."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.merchant import Merchant
from tests.services.stack import Stack

WHERE = """() => {
    const at = document.activeElement;
    const modal = document.querySelector("[role=dialog]");
    return modal?.contains(at) ? at.tagName : `outside: ${at.outerHTML.slice(0, 80)}`;
}"""


def test_the_modal_holds_the_keyboard_and_the_page_behind_it_stands_still(
    merchant: Merchant,
) -> None:
    page = merchant.page
    merchant.opens("BigCommerce")
    expect(page.get_by_role("dialog", name="Connect BigCommerce")).to_have_count(1)
    expect(merchant.modal.locator("input:visible").first).to_be_focused()
    for key in ("Tab", "Shift+Tab"):
        reached = set()
        for _ in range(6):
            page.keyboard.press(key)
            reached.add(page.evaluate(WHERE))
        assert reached == {"IFRAME", "BUTTON"}, reached
    assert page.evaluate("document.querySelector('main').matches('[inert] *, [inert]')")
    assert page.evaluate("getComputedStyle(document.documentElement).overflow") == "hidden"


def test_every_way_out_of_the_modal_connects_nothing_and_gives_the_page_back(
    merchant: Merchant,
) -> None:
    page, card = merchant.page, merchant.card("BigCommerce")
    close = page.get_by_role("button", name="Close", exact=True)
    connect = card.get_by_role("button", name="Connect BigCommerce")
    ways_out: list[Callable[[], None]] = [
        close.click,
        merchant.modal.get_by_role("button", name="Close").click,
        lambda: close.press("Escape"),
        lambda: page.keyboard.press("Escape"),  # in Alloy's frame
    ]
    for way_out in ways_out:
        merchant.opens("BigCommerce")
        expect(merchant.modal.locator("input:visible").first).to_be_focused()
        way_out()
        merchant.expects_modal(is_open=False)
        expect(connect).to_be_focused()
        assert not page.evaluate("document.querySelectorAll('[inert]').length")
        assert page.evaluate("getComputedStyle(document.documentElement).overflow") == "visible"
    expect(card.get_by_text("Connected", exact=True)).to_have_count(0)


def test_a_login_begins_at_its_first_field_and_is_one_click_for_the_demo(
    stack: Stack, page: Page
) -> None:
    stack.manage("seed_demo")
    page.goto(f"{stack.url}/accounts/login/?next=/orders/")
    expect(page.locator("[name=login]:visible")).to_be_focused()
    page.get_by_role("button", name="Log in as Demo Merchant").click()
    expect(page.get_by_role("heading", name="Orders", level=1)).to_be_visible()
