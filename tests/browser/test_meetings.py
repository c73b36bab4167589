"""Connect Notion, write down a meeting, find it in Notion, change it there by changing it here."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.browsing import check
from tests.browser.merchant import Merchant
from tests.services.sandbox import Sandbox

COPIED = re.compile("^Copied ")

CALENDAR = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:test\r
BEGIN:VEVENT\r
UID:1\r
SUMMARY:Imported meeting\r
DTSTART:20261120T120000Z\r
END:VEVENT\r
BEGIN:VEVENT\r
SUMMARY:Some time\r
END:VEVENT\r
END:VCALENDAR\r
"""


def connect(merchant: Merchant, service: str, *, account: str) -> None:
    """Connect an account by hand: the button, the consent page, and back."""
    page = merchant.page
    merchant.goes_to("/integrations/")
    page.get_by_label("Search integrations").fill(service)
    expect(page.locator("li.integration")).to_have_count(1)
    account_button(page).click()
    page.get_by_label(account).check()
    page.get_by_role("button", name="Allow").click()
    expect(page.locator("p.notice", has_text=f"{service} is connected.")).to_be_visible()


def account_button(page: Page) -> Locator:
    return page.locator("form[action*='/connections/connect/'] button")


def write_down(page: Page, **fields: str) -> None:
    for label, value in fields.items():
        page.get_by_label(label.replace("_", " "), exact=True).fill(value)
    page.get_by_role("button", name="Save").click()


def test_a_meeting_becomes_a_notion_page_and_the_page_follows_it(
    ready_merchant: Merchant, alloy: Sandbox
) -> None:
    merchant, page = ready_merchant, ready_merchant.page
    merchant.goes_to("/meetings/")
    page.get_by_role("link", name="New meeting").click()
    expect(page.get_by_label("Title", exact=True)).to_be_visible()
    write_down(page, Title="Weekly", Attendees="Ada <ada@example.com>", Notes="# Plan\n- ship it")
    expect(page.get_by_role("link", name="Connect Notion")).to_be_visible()
    check(page)

    connect(merchant, "Notion", account="Acme HQ")

    merchant.goes_to("/meetings/")
    page.get_by_role("link", name="Weekly").click()
    expect(page.locator("#copies").get_by_text(COPIED)).to_be_visible()
    check(page)
    with page.expect_popup() as popup:
        page.get_by_role("link", name="Open in Notion").click()
    expect(popup.value.get_by_text("ship it")).to_be_visible()
    popup.value.close()

    page.get_by_role("link", name="Edit").click()
    write_down(page, Notes="# Plan\n- shipped")
    expect(page.locator("#copies").get_by_text(COPIED)).to_be_visible()
    (copy,) = [
        each
        for each in alloy.contents(merchant.user_id(alloy), "notion", "pages")
        if each["title"] == "Weekly"
    ]
    assert copy["text"].endswith("shipped")


def test_a_denial_says_so_the_next_try_connects_and_disconnecting_asks_first(
    ready_merchant: Merchant,
) -> None:
    page = ready_merchant.page
    ready_merchant.goes_to("/integrations/connections/?q=Slack")
    account_button(page).click()
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_role("heading", name="Slack is not connected")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("button", name="Allow").click()
    expect(page.locator("p.notice", has_text="Slack is connected.")).to_be_visible()
    page.get_by_role("link", name="Disconnect… Slack").click()
    expect(page.get_by_role("heading", name="Disconnect Slack?")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Disconnect").click()
    expect(page.locator("p.notice", has_text="Slack is disconnected.")).to_be_visible()


def test_a_service_that_asks_something_first(ready_merchant: Merchant) -> None:
    page = ready_merchant.page
    ready_merchant.goes_to("/integrations/service/shopify/")
    account_button(page).click()
    expect(page.get_by_label("Shop name")).to_be_visible()
    check(page)
    page.get_by_label("Shop name").fill("mugs")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Allow").click()
    expect(page.locator("p.notice", has_text="Shopify is connected.")).to_be_visible()


def test_a_calendar_is_imported(ready_merchant: Merchant, tmp_path: Path) -> None:
    page = ready_merchant.page
    file = tmp_path / "calendar.ics"
    file.write_bytes(CALENDAR)
    ready_merchant.goes_to("/meetings/import/")
    check(page)
    page.get_by_label("Calendar file").set_input_files(file)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("heading", name="Imported meeting")).to_be_visible()
    expect(page.get_by_text("It has no date.")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Fri 20 Nov 2026").click()
    expect(page.get_by_role("heading", name="Imported meeting")).to_be_visible()
