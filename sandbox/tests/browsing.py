"""A real browser, for the tests that need one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.chromium import NoChromium, launch

PATIENCE_MS = 60_000
"""How long anything in a browser is waited for: far more than it needs, on any machine."""


RULES = {"rules": {"label-content-name-mismatch": {"enabled": True}}}
"""axe's own rules, and one that it does not apply unless it is asked to."""
COLOURS = {"runOnly": ["color-contrast"]}
RUN_AXE = """(options) => axe.run(document, {
    resultTypes: ["violations"],
    preload: false,  // of style sheets and media, for rules about films and turned screens
    ...options,
}).then((found) => found.violations)"""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests that need one, which are the last ones."""
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


def check_pages(page: Page, addresses: list[str]) -> None:
    """Fail for a page that axe finds something wrong with, or that is wider than the screen.

    In light and dark on a desk, and down to 320 pixels.
    """
    for address in addresses:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(address)
        assert accessibility_problems(page) == [], address
        for width in (390, 320):
            page.set_viewport_size({"width": width, "height": 844})
            needed = page.evaluate("document.documentElement.scrollWidth")
            assert needed <= width, f"{address} is {needed} pixels wide"


def accessibility_problems(page: Page) -> list[str]:
    """Return what axe finds wrong with the page as it is now, in light; in dark, with colours."""
    page.evaluate(AXE_SCRIPT)
    problems = []
    for scheme, options in (("light", RULES), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found = page.evaluate(RUN_AXE, options)
        problems += [f"{scheme}: {each['id']} at {each['nodes'][0]['html']}" for each in found]
    return problems
