"""Every bench runs to its end and prints its table. What the figures are is not tested."""

from __future__ import annotations

import subprocess
import sys


def printed_by(bench: str) -> str:
    """Run a bench as `make bench` does, only small, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{bench}", "--small"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_client_is_compared_with_a_session_and_with_a_connection_for_each_call() -> None:
    table = printed_by("client")
    assert "| GET /integrations, HTTP " in table
    assert "| POST /run/event, HTTPS " in table
