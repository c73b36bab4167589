"""Where and in what language a browser is, of which the server learns at the first page."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.merchant import Merchant
from tests.services.stack import Stack


def test_what_is_shown_first_after_signing_up_is_in_the_browsers_own_zone(
    stack: Stack, chromium: Browser
) -> None:
    context = chromium.new_context(timezone_id="Asia/Kolkata")  # which Chromium calls Calcutta
    page = context.new_page()
    page.goto(f"{stack.url}/accounts/signup/")
    merchant = Merchant.who_signs_up(page, stack.url)
    merchant.goes_to("/meetings/new/")
    expect(page.get_by_text("In the time zone Asia/Calcutta.")).to_be_visible()
    merchant.goes_to("/settings/")
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Calcutta")
    context.close()


def test_the_header_has_two_rows_at_most_also_where_words_are_long(merchant: Merchant) -> None:
    page = merchant.page
    page.set_extra_http_headers({"Accept-Language": "de"})
    merchant.goes_to("/")
    expect(page.get_by_role("link", name="Bestellungen", exact=True)).to_be_visible()
    for width in (390, 750, 1000, 1100):
        page.set_viewport_size({"width": width, "height": 800})
        parts = page.locator(".site-header nav, .site-header .account, .brand")
        tops = parts.evaluate_all("all => all.map((each) => each.getBoundingClientRect().bottom)")
        rows = [each for each in tops if each > min(tops) + 24]
        assert len(rows) == (width < 1024), f"{tops} at {width} px"
