"""Every state of every page: axe finds nothing, light on a desk or dark on a phone, and nothing is
cut off from 320 px on, in either direction of reading.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.browsing import DESK, PHONE, violations
from tests.browser.states import STATES, State, World
from tests.services.sandbox import Sandbox
from tests.services.stack import Stack

SMALL = {"width": 320, "height": 850}
IS_CUT_OFF = "document.documentElement.scrollWidth > window.innerWidth"
TIGHT_BUTTONS = """[...document.querySelectorAll(".button")]
    .filter((each) => parseFloat(getComputedStyle(each).paddingInlineStart) < 8)
    .map((each) => each.textContent.trim())"""
LIKE_ANOTHER = ("search", "two-hundred")
"""Made of the same parts as another state: all that can go wrong is that something is cut off."""
FROM_RIGHT_TO_LEFT = ("home", "integrations", "order", "attention", "orders", "settings", "modal")


@pytest.fixture(scope="module")
def world(chromium: Browser, stack: Stack, demo: None) -> Iterator[World]:
    alloy = Sandbox(stack.sandbox_url)
    yield World(chromium, stack, alloy)
    alloy.behave()
    alloy.close()


def test_every_state_on_a_desk_and_on_a_phone(world: World) -> None:
    problems = []
    for state in STATES:
        page = state.show(world)
        if state.name in FROM_RIGHT_TO_LEFT:
            page.evaluate("document.dir = 'rtl'")
            problems += cut_off(state, page)
            page.evaluate("document.dir = 'ltr'")
        problems += cut_off(state, page)
        if state.name in LIKE_ANOTHER:
            continue
        for size, scheme in ((DESK, "light"), (PHONE, "dark")):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            problems += [f"{state.name}: {each}" for each in violations(page, scheme)]
    assert not problems, "\n".join(problems)


def test_a_language_that_is_read_from_the_right_turns_the_page_round(world: World) -> None:
    world.nobody.set_extra_http_headers({"Accept-Language": "ar"})
    world.nobody.goto(f"{world.stack.url}/accounts/login/")
    assert world.nobody.evaluate("document.dir") == "rtl"
    assert not violations(world.nobody, "light")


def cut_off(state: State, page: Page) -> list[str]:
    tight = page.evaluate(TIGHT_BUTTONS)
    found = [f"{state.name}: no room beside the text of {tight}"] if tight else []
    for size in (DESK, PHONE, SMALL):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        if page.evaluate(IS_CUT_OFF):
            found.append(f"{state.name}: cut off at {size['width']} px")
    return found
