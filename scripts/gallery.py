"""Makes docs/gallery/: a picture of every state of every page, on a desk and, dark, on a phone."""

from __future__ import annotations

import base64
import os
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from playwright.sync_api import Page, expect, sync_playwright  # noqa: E402 -- found through the line above

from tests.browser.browsing import PATIENCE_MS  # noqa: E402
from tests.browser.states import STATES, World  # noqa: E402
from tests.services.chromium import launch  # noqa: E402
from tests.services.sandbox import Sandbox  # noqa: E402
from tests.services.stack import Stack  # noqa: E402

GALLERY = PROJECT / "docs" / "gallery"
DESK = ("desk", 1180, 820, "light")
PHONE = ("phone", 390, 844, "dark")
TALLEST = 1500
QUALITY = 72


def main() -> None:
    """Show every state, take its two pictures, and write the page that shows them side by side."""
    GALLERY.mkdir(parents=True, exist_ok=True)
    for old in GALLERY.glob("*.webp"):
        old.unlink()
    expect.set_options(timeout=PATIENCE_MS)
    with Stack() as stack, sync_playwright() as playwright:
        stack.start_all()
        stack.manage("seed_demo")
        browser = launch(playwright)
        world = World(browser, stack, Sandbox(stack.sandbox_url))
        for state in STATES:
            page = state.show(world)
            for variant in (DESK, PHONE):
                take(page, state.name, *variant)
        browser.close()
    GALLERY.joinpath("README.md").write_text(catalogue())


def take(page: Page, name: str, device: str, width: int, height: int, scheme: Any) -> None:
    """Save what the page shows, as Chromium itself writes WebP: small, and nothing to install."""
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=scheme)
    # A window over the page is as tall as the screen; all else is shown to its end, or nearly.
    is_covered = page.get_by_role("dialog").count() > 0
    whole = height if is_covered else page.evaluate("document.documentElement.scrollHeight")
    clip = {"x": 0, "y": 0, "width": width, "height": min(max(whole, height), TALLEST), "scale": 1}
    options = {"format": "webp", "quality": QUALITY, "captureBeyondViewport": True, "clip": clip}
    session = page.context.new_cdp_session(page)
    taken = session.send("Page.captureScreenshot", options)
    session.detach()
    GALLERY.joinpath(f"{name}-{device}.webp").write_bytes(base64.b64decode(taken["data"]))
    print(f"docs/gallery/{name}-{device}.webp")


def catalogue() -> str:
    """Return the page that shows all pictures."""
    lines = [
        "# Every page in every state",
        "",
        "Made by `make gallery`, in a real browser; `tests/browser/states.py` says how each comes",
        "about. The same states are what axe looks at.",
    ]
    for state in STATES:
        desk, phone = (f"{state.name}-{device}.webp" for device, *_ in (DESK, PHONE))
        lines += [
            "",
            f"## {state.title}",
            "",
            f'<img src="{desk}" width="640" alt="On a desk">',
            f'<img src="{phone}" width="210" alt="On a phone, dark">',
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
