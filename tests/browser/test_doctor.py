"""An operator checks the set-up in the admin, with everything running behind it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import violations
from tests.services.stack import Stack
from tests.stack.waiting import wait_for


@pytest.fixture
def doctors_page(stack: Stack, page: Page, demo: None) -> Page:
    """The page as an operator finds it: by way of the admin's front page."""
    page.goto(f"{stack.url}/accounts/login/?next=/admin/")
    page.get_by_role("button", name="Log in as Demo Operator").click()
    page.get_by_role("link", name="Check the set-up").click()
    return page


def all_is_well(page: Page) -> bool:
    """Run the checks: each gives an answer seconds at most, for which a machine may be too busy."""
    page.goto(page.url)
    page.get_by_role("button", name="Run the checks").click()
    expect(page.get_by_role("status")).to_contain_text("failed")
    return page.get_by_text("Nothing failed.").is_visible()


def test_a_set_up_that_runs_passes_every_check(doctors_page: Page) -> None:
    wait_for(lambda: all_is_well(doctors_page))
    expect(doctors_page.get_by_role("row")).to_have_count(17)
    assert not violations(doctors_page, "light")
