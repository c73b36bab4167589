"""Every bench runs to its end and prints its table. What the figures are is not tested."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest


def printed_by(bench: str, *parts: str) -> str:
    """Run a bench as `make bench` does, only small, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{bench}", *parts, "--small"],
        capture_output=True,
        text=True,
        check=False,
    )
    if missing := re.search(r"No(Postgres|Redis): (.*)", done.stderr):
        pytest.skip(f"could not set up {missing[1]}: {missing[2]}")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_client_is_compared_with_a_session_and_with_a_connection_for_each_call() -> None:
    table = printed_by("client")
    assert "| GET /integrations, HTTP " in table
    assert "| POST /run/event, HTTPS " in table


def test_the_integrations_page_is_compared_with_one_that_calls_alloy_each_time() -> None:
    table = printed_by("page")
    assert "the integrations (2)" in table
    assert "an error page, 500 (2)" in table


def test_the_webhook_is_compared_with_one_insert() -> None:
    table = printed_by("webhooks")
    assert re.search(r"\| one INSERT +\| SQLite ", table)


def test_forgeries_are_refused_and_genuine_webhooks_beside_them_accepted() -> None:
    printed = printed_by("forgeries")
    assert re.search(r"genuine ones accepted +\| +202: \d+ \|", printed)
    assert re.search(r"forged ones were answered (401: [\d,]+)?(, )?(429: [\d,]+)?\.", printed)


def test_the_order_pages_are_compared_at_two_sizes() -> None:
    assert re.search(r"an order's page +\| SQLite ", printed_by("orders"))


def test_the_outbox_is_measured_part_by_part() -> None:
    printed = printed_by("outbox", "rates", "limit", "backlog")
    assert re.search(r"1 order of 10, 50 at once, Alloy 0 ms \| +[\d.]+ \|", printed)
    assert "| used of the limit" in printed
    assert "| 200 waiting, 400 delivered: of the rate" in printed


def test_a_host_without_network_is_taken_over_and_once_back_makes_no_call_of_others() -> None:
    if os.geteuid():
        pytest.skip("could not set up network namespaces: needs root")
    printed = printed_by("hosts", "--seconds=0")
    if "network namespaces" not in printed:
        pytest.skip("could not set up network namespaces: the system does not let us")
    assert re.search(r"others went on with +\| +[1-9]\d* \|", printed)
    assert re.search(r"sent by both after the lease had ended +\| +0 \|", printed)
    assert "Lost 0, out of order 0, calls that are not on record 0." in printed
