"""Every page, in light and in dark, on a desk and on a phone: no axe violation, nothing cut off."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import accessibility_problems, check
from tests.browser.merchant import Merchant
from tests.services.sandbox import Sandbox
from tests.services.stack import Stack

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    "path", ["/", "/accounts/signup/", "/accounts/login/", "/accounts/password/reset/"]
)
def test_the_pages_for_everybody(stack: Stack, page: Page, path: str) -> None:
    page.goto(stack.url + path)
    check(page)


def test_the_pages_of_a_merchant_who_just_signed_up(merchant: Merchant) -> None:
    accounts = ("/accounts/email/", "/accounts/2fa/", "/accounts/sessions/")
    for path in ("/", "/integrations/", "/orders/", *accounts):
        merchant.goes_to(path)
        check(merchant.page)


def test_the_pages_of_a_merchant_at_work(connected_merchant: Merchant, alloy: Sandbox) -> None:
    merchant, page = connected_merchant, connected_merchant.page
    number = merchant.places_an_order(alloy)
    merchant.goes_to("/orders/")
    link = page.locator("#orders").get_by_role("link", name=number, exact=True)
    expect(link).to_be_visible()
    check(page)

    merchant.opens_order(number)
    page.get_by_label("Status", exact=True).select_option("SHIPPED")
    page.get_by_role("button", name="Set status").click()
    expect(page.locator("#timeline").get_by_text("BigCommerce updated")).to_be_visible()
    check(page)

    merchant.goes_to("/integrations/")
    merchant.card("BigCommerce").get_by_role("link", name="BigCommerce").click()
    expect(page.get_by_role("heading", name="BigCommerce", exact=True)).to_be_visible()
    check(page)


def test_the_page_around_the_modal(merchant: Merchant) -> None:
    merchant.opens("BigCommerce")
    assert not accessibility_problems(merchant.page)
