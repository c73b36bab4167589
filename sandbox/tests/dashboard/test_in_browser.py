"""The dashboard in a real browser: alive without a reload, and readable for everybody."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import check_pages
from tests.conftest import Sandbox

pytestmark = pytest.mark.browser


def test_an_order_is_placed_and_shown(page: Page, sandbox: Sandbox, installed_user: str) -> None:
    page.goto(f"{sandbox.origin}/dashboard/stores/{installed_user}")
    page.get_by_text("Choose the buyer").click()
    page.get_by_label("First name").fill("Zoë")
    page.get_by_role("button", name="Place an order").click()
    expect(page.get_by_role("status")).to_have_text("Done.")
    expect(page.get_by_role("row", name="Zoë")).to_be_visible()


def test_a_list_gets_longer_without_a_reload_and_what_was_there_is_left_alone(
    page: Page, sandbox: Sandbox, user_id: str
) -> None:
    page.clock.set_fixed_time(datetime.now(UTC))
    page.goto(f"{sandbox.origin}/dashboard/users")
    row = page.get_by_role("row", name="gregg")
    expect(row.locator("time")).to_have_text("just now")
    assert (row.locator("time").get_attribute("title") or "").endswith(" UTC")
    page.get_by_role("link", name="gregg").focus()
    element = row.element_handle()
    assert element is not None
    for _ in range(2):
        page.wait_for_event("response", lambda answer: answer.url.endswith("?live=1"))
    assert element.evaluate("row => row.isConnected"), "nothing changed"
    sandbox.new_user("ada")
    expect(page.get_by_role("link", name="ada")).to_be_visible()
    expect(page.get_by_role("link", name="gregg")).to_be_focused()


def test_a_click_counts_although_the_list_changes_while_the_button_is_down(
    page: Page, sandbox: Sandbox, user_id: str
) -> None:
    page.goto(f"{sandbox.origin}/dashboard/users")
    page.get_by_role("link", name="gregg").hover()
    page.mouse.down()
    sandbox.new_user("ada")
    for _ in range(2):  # the first may have been asked for before
        page.wait_for_event("response", lambda answer: answer.url.endswith("?live=1"))
    page.mouse.up()
    expect(page.get_by_role("heading", name="gregg")).to_be_visible()


def test_a_new_field_is_released_with_the_keyboard_alone(page: Page, sandbox: Sandbox) -> None:
    page.goto(sandbox.origin)
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Order tag")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Version 2")
    expect(page.get_by_text("asks for Order tag")).to_be_visible()


def test_every_page_is_accessible_and_fits(
    page: Page, sandbox: Sandbox, installed_user: str
) -> None:
    sandbox.control("PUT", "destinations", {"installations": "http://localhost:1/"})
    sandbox.install(installed_user)
    sandbox.control("POST", f"stores/{installed_user}/orders")
    sandbox.control("POST", "faults", {"path": "/nothing", "status": 503})
    newest_call = sandbox.control("GET", "requests")["data"][0]["id"]
    webhook = sandbox.control("GET", "webhooks")["data"][0]["id"]
    paths = [
        *("", "users", f"users/{installed_user}", "users/nobody", "stores"),
        *(f"stores/{installed_user}", "requests", f"requests/{newest_call}", "webhooks"),
        *(f"webhooks/{webhook}", "faults", "destinations", "reset", "services"),
    ]
    check_pages(page, [f"{sandbox.origin}/{path and f'dashboard/{path}'}" for path in paths])
