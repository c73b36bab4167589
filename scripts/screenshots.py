"""Makes the pictures in docs/screenshots/, by playing the whole loop in a real browser."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from playwright.sync_api import Page, expect, sync_playwright  # noqa: E402 -- found through the line above

from tests.browser.browsing import PATIENCE_MS  # noqa: E402
from tests.browser.merchant import Merchant  # noqa: E402
from tests.services.chromium import find_chromium, launch_options  # noqa: E402
from tests.services.sandbox import Sandbox  # noqa: E402
from tests.services.stack import Stack  # noqa: E402

PICTURES = PROJECT / "docs" / "screenshots"
DESK, PHONE = {"width": 1180, "height": 820}, {"width": 390, "height": 844}


def main() -> None:
    """Play the loop, and take a picture of what the README shows."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    expect.set_options(timeout=PATIENCE_MS)
    with Stack() as stack, sync_playwright() as playwright:
        stack.start_all()
        browser = playwright.chromium.launch(**launch_options(find_chromium(playwright)))
        page = browser.new_page(viewport=DESK)  # type: ignore[arg-type]
        alloy = Sandbox(stack.sandbox_url)
        merchant = Merchant.who_signs_up(page, stack.url)
        show_integrations(merchant, alloy)
        show_timeline(merchant, alloy)
        show_sandbox(page, stack)
        browser.close()


def show_integrations(merchant: Merchant, alloy: Sandbox) -> None:
    """The modal; then two integrations connected, and one of them with an update."""
    page = merchant.page
    merchant.opens("BigCommerce")
    take(page, "modal")
    merchant.finishes_the_modal()
    merchant.connect("ShipStation")
    integrations = alloy.integrations_of(merchant.user_id(alloy))
    [store] = [each for each in integrations if each["app"] == "BigCommerce"]
    alloy.release(store["workflows"][0]["workflowId"])
    expect(page.get_by_text("1 integration has an update.")).to_be_visible()
    page.evaluate("window.scrollTo(0, 0)")
    take(page, "integrations")


def show_timeline(merchant: Merchant, alloy: Sandbox) -> None:
    """An order whose second status got through at the second try."""
    page = merchant.page
    number = merchant.places_an_order(alloy)
    merchant.goes_to("/orders/")
    merchant.opens_order(number)
    for status in ("PACKED", "FULFILLED"):
        if status == "FULFILLED":
            alloy.misbehave("/run/event", status=503, times=1)
        page.get_by_label("Status", exact=True).select_option(status)
        page.get_by_role("button", name="Set status").click()
        told = page.locator("#timeline").get_by_text("BigCommerce updated")
        expect(told).to_have_count(1 if status == "PACKED" else 2)
    page.get_by_text("2 tries").click()
    take(page, "timeline")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="dark")
    take(page, "timeline-phone-dark")
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")


def show_sandbox(page: Page, stack: Stack) -> None:
    """The sandbox's dashboard."""
    page.goto(stack.sandbox_url)
    take(page, "sandbox")


def take(page: Page, name: str) -> None:
    """Save what the page shows now."""
    page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")
    print(f"docs/screenshots/{name}.png")


if __name__ == "__main__":
    main()
