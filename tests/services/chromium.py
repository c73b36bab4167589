"""Finds a Chromium that really starts, and installs one where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from acmeco.launcher.processes import LaunchError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",  # it does not work for root; the pages are ours
]

SHELL = "chromium-headless-shell"
"""Debian's Chromium without windows, which takes a fifth of the CPU of a whole one."""

WAIT = ("-o", "DPkg::Lock::Timeout=120")
"""Somebody else may be installing something just now."""

LAUNCH_MS = 120_000
"""How long a browser may take to start. One that is there and merely slow must not be skipped."""


class NoChromium(LaunchError):
    """No Chromium starts on this machine, and none could be installed."""


def launch(playwright: Playwright) -> Browser:
    """Start the first candidate that starts.

    Raises:
        NoChromium: with the reason why the last candidate did not start.
    """
    reason = "there is no candidate"
    for path in _candidates():
        try:
            return playwright.chromium.launch(
                args=FLAGS, executable_path=path or None, timeout=LAUNCH_MS
            )
        except Exception as error:  # noqa: BLE001, RUF100 -- whatever it is, the next may start
            reason = f"{path or 'Playwrights own'}: {str(error).splitlines()[0]}"
    raise NoChromium(f"No Chromium that starts ({reason}).")


def _candidates() -> Iterator[str]:
    """Yield paths to try; an empty one means Playwright's own."""
    if path := os.environ.get("CHROMIUM_PATH"):
        yield path
    yield ""
    yield from _on_path()
    if _succeeds(sys.executable, "-m", "playwright", "install", "chromium", "--only-shell"):
        yield ""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _succeeds("apt-get", *WAIT, "update", "--quiet")
        for package in (SHELL, "chromium"):
            if _succeeds("apt-get", *WAIT, "install", "--yes", "--no-install-recommends", package):
                yield from _on_path()


def _on_path() -> Iterator[str]:
    for name in (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if path := shutil.which(name):
            yield path


def _succeeds(*command: str) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, timeout=240, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
