"""A real browser, for the tests that need one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.services.chromium import NoChromium, launch

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PATIENCE_MS = 60_000
"""How long anything in a browser is waited for: far more than it needs, on any machine."""

RUN_AXE = """axe.run(document, {
    resultTypes: ["violations"],
    preload: false,  // of style sheets and media, for rules about films and turned screens
}).then((results) => results.violations)"""


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all tests here. Ended with them, since Playwright's event loop keeps Django's
    ORM from working in the tests that follow in the same process.
    """
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        try:
            browser = launch(playwright)
        except NoChromium as reason:
            pytest.skip(f"could not set up Chromium: {reason}")
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    with new_context(chromium) as context:
        yield context
        context.unroute_all(behavior="ignoreErrors")


def new_context(chromium: Browser, **options: Any) -> BrowserContext:
    """Return a visitor of their own, who is patient; nothing moves, so that axe sees colours."""
    context = chromium.new_context(reduced_motion="reduce", **options)
    context.set_default_timeout(PATIENCE_MS)
    return context


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which no policy may have to block anything, and no script may fail."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if _is_blocked(said) else None)
    yield page
    assert not complaints, complaints


def _is_blocked(message: Any) -> bool:
    return "Content Security Policy" in message.text or "Refused to" in message.text


def violations(page: Page, scheme: str) -> list[str]:
    """Return what axe finds wrong with the page as it is now, in a colour scheme."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(RUN_AXE)
    return [f"{scheme}: {each['id']} at {each['nodes'][0]['html']}" for each in found]


def check(page: Page) -> None:
    """Look at the page as it is now: axe finds nothing, and nothing is cut off on a phone."""
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert not violations(page, "dark"), page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")
