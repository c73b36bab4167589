"""Every bench runs to its end and prints its table. What the figures are is not tested."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from importlib import import_module

import pytest

from bench.posting import Receiver, receiver
from tests.needs import need_redis

# What a bench leaves open ends with its process, where it has one.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


Run = Callable[..., str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a bench as `make bench` does, only small and in this process; return what it prints."""

    def run(bench: str) -> str:
        monkeypatch.setattr(sys, "argv", [bench, "--small"])
        assert import_module(f"bench.{bench}").main() == 0
        return capsys.readouterr().out

    return run


@pytest.fixture(scope="module")
def acmeco() -> Iterator[Receiver]:
    """One AcmeCo for the benches that post webhooks."""
    need_redis()
    with receiver(postgres=False) as acmeco:
        yield acmeco


def run_alone(bench: str, *parts: str) -> str:
    """Run a bench that needs a process of its own."""
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


def test_the_client_is_compared_with_a_session_and_with_a_connection_for_each_call(
    run: Run,
) -> None:
    table = run("client")
    assert "| GET /integrations, HTTP " in table
    assert "| POST /run/event, HTTPS " in table


def test_the_integrations_page_is_compared_with_one_that_calls_alloy_each_time(run: Run) -> None:
    table = run("page")
    assert "the integrations (2)" in table
    assert "an error page, 500 (2)" in table


def test_the_webhook_is_compared_with_one_insert(
    run: Run, acmeco: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.webhooks.receiver", lambda **_: nullcontext(acmeco))
    assert re.search(r"\| one INSERT +\| SQLite ", run("webhooks"))


def test_forgeries_are_refused_and_genuine_webhooks_beside_them_accepted(
    run: Run, acmeco: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.forgeries.receiver", lambda **_: nullcontext(acmeco))
    printed = run("forgeries")
    assert re.search(r"genuine ones accepted +\| +202: \d+ \|", printed)
    assert re.search(r"forged ones were answered (401: [\d,]+)?(, )?(429: [\d,]+)?\.", printed)


def test_the_order_pages_are_compared_at_two_sizes(run: Run) -> None:
    assert re.search(r"an order's page +\| SQLite ", run("orders"))


def test_the_outbox_is_measured_part_by_part() -> None:
    printed = run_alone("outbox", "rates", "limit", "backlog")
    assert re.search(r"1 order of 10, 50 at once, Alloy 0 ms \| +[\d.]+ \|", printed)
    assert "| used of the limit" in printed
    assert "| 50 waiting, 100 delivered: of the rate" in printed


def test_a_host_without_network_is_taken_over_and_once_back_makes_no_call_of_others() -> None:
    if os.geteuid():
        pytest.skip("could not set up network namespaces: needs root")
    printed = run_alone("hosts", "--seconds=0")
    if "network namespaces" not in printed:
        pytest.skip("could not set up network namespaces: the system does not let us")
    assert re.search(r"others went on with +\| +[1-9]\d* \|", printed)
    assert re.search(r"sent by both after the lease had ended +\| +0 \|", printed)
    assert "Lost 0, out of order 0, calls that are not on record 0." in printed
