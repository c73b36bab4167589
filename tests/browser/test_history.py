"""Whoever goes back finds the page, and not a piece of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.merchant import Merchant


@pytest.fixture
def searching(ready_merchant: Merchant) -> Merchant:
    """A merchant who has searched, which has changed the address and no more than the cards."""
    page = ready_merchant.page
    ready_merchant.goes_to("/integrations/")
    page.get_by_label("Search integrations").press_sequentially("big")
    expect(ready_merchant.card("BigCommerce")).to_be_visible()
    page.wait_for_url("**/integrations/?q=big")
    expect(page.locator("#integrations-count[role=status]")).to_have_text("1 service fits.")
    return ready_merchant


def expect_the_whole_page(merchant: Merchant) -> None:
    page = merchant.page
    page.wait_for_url("**/integrations/?q=big")
    expect(page.locator("header.site-header")).to_be_visible()
    expect(page.locator("link[rel=stylesheet]")).not_to_have_count(0)
    expect(merchant.card("BigCommerce")).to_be_visible()


def test_going_back_within_a_page_and_from_another_one_shows_all_of_it(searching: Merchant) -> None:
    page = searching.page
    page.locator(".skip-link").evaluate("link => link.click()")
    page.wait_for_url("**/integrations/?q=big#content")
    page.go_back()
    expect_the_whole_page(searching)

    searching.card("BigCommerce").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="BigCommerce", level=1)).to_be_visible()
    page.go_back()
    expect_the_whole_page(searching)
