"""Every state of every page, in light and in dark, on a desk and on a phone: no axe violation,
nothing cut off from 320 px on, and nothing that moves after it was there.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.browsing import accessibility_problems
from tests.browser.states import STATES, State, World
from tests.services.sandbox import Sandbox
from tests.services.stack import Stack

pytestmark = pytest.mark.browser

DESK, PHONE, SMALL = ({"width": width, "height": 850} for width in (1280, 390, 320))
IS_CUT_OFF = "document.documentElement.scrollWidth > window.innerWidth"
IN_ARABIC = ("home", "integrations", "order", "attention", "orders", "settings", "login", "modal")


@pytest.fixture(scope="module")
def world(chromium: Browser, stack: Stack) -> Iterator[World]:
    alloy = Sandbox(stack.sandbox_url)
    yield World(chromium, stack, alloy)
    alloy.behave()
    alloy.close()


def test_every_state_in_four_variants(world: World) -> None:
    problems = [problem for state in STATES for problem in _problems(state, state.show(world))]
    assert not problems, "\n".join(problems)


def test_the_main_pages_from_right_to_left(world: World) -> None:
    problems = []
    world.alloy.behave()  # it offers what it did at first
    for state in (each for each in STATES if each.name in IN_ARABIC):
        page: Page = getattr(world, state.who)
        page.set_extra_http_headers({"Accept-Language": "ar"})
        state.show(world)
        assert page.evaluate("document.dir") == "rtl"
        problems += _problems(state, page)
        page.set_extra_http_headers({})
    assert not problems, "\n".join(problems)


def _problems(state: State, page: Page) -> list[str]:
    found = []
    for size in (DESK, PHONE, SMALL):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        if page.evaluate(IS_CUT_OFF):
            found.append(f"cut off at {size['width']} px")
        if size is not SMALL:
            found += accessibility_problems(page)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
    return [f"{state.name}: {each}" for each in found]
