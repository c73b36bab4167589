"""Every bench runs to its end and prints its table. What the figures are is not tested."""

from __future__ import annotations

import subprocess
import sys

import pytest


def printed_by(bench: str) -> str:
    """Run a bench as `make bench` does, only small, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{bench}", "--small"],
        capture_output=True,
        text=True,
        check=False,
    )
    if "NoPostgres" in done.stderr:
        pytest.skip(f"could not set up PostgreSQL: {done.stderr.splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_client_is_compared_with_a_session_and_with_a_connection_for_each_call() -> None:
    table = printed_by("client")
    assert "| GET /integrations, HTTP " in table
    assert "| POST /run/event, HTTPS " in table


def test_the_order_pages_are_compared_at_two_sizes_on_both_databases() -> None:
    table = printed_by("orders")
    assert "| an order's page " in table
    assert "| SQLite " in table
    assert "| PostgreSQL " in table
