from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime

import pytest
from django.utils import timezone
from pytest_django import Settings

from integrations.alloy import Hosts
from integrations.alloy.call import Answer, Call
from integrations.contrib.doctor import account
from integrations.contrib.doctor.calls import briefly
from integrations.contrib.doctor.result import Result, State
from tests.integrations.fake_alloy import FakeAlloy, Reply

EVENTS = Reply(body={"data": []})


KEY, VERSION = account.key_is_accepted, account.version_is_known


@pytest.mark.parametrize(
    ("check", "reply", "state", "said"),
    [
        (KEY, EVENTS, State.OK, ""),
        (KEY, Reply(404), State.OK, ""),  # the key opened, though nothing is there
        (KEY, Reply(401), State.FAILED, "API_KEY"),
        (KEY, Reply(403), State.FAILED, "API_KEY"),
        (KEY, Reply(503), State.FAILED, "503"),
        (VERSION, EVENTS, State.OK, ""),
        (VERSION, Reply(404), State.FAILED, "API_VERSION"),
        (VERSION, Reply(401), State.SKIPPED, ""),  # the key is to blame
        (account.region_is_the_keys, EVENTS, State.SKIPPED, ""),  # a stand-in has no regions
    ],
)
def test_what_alloy_answers_says_something_of_key_or_version(
    alloy: FakeAlloy, check: Callable[[], Result], reply: Reply, state: State, said: str
) -> None:
    alloy.fail("/events", reply)
    found = check()
    assert found.state == state
    assert said in f"{found.detail} {found.hint}"
    assert "sandbox_of_the_tests" not in f"{found}"


def test_a_version_that_nobody_tried_is_warned_of(alloy: FakeAlloy, settings: Settings) -> None:
    settings.ALLOY = {**settings.ALLOY, "API_VERSION": "2022-12"}
    alloy.fail("/events", EVENTS)
    assert VERSION().state == State.WARNING


class TestInARegion:
    """With two Alloys of which one knows the key."""

    @pytest.fixture(autouse=True)
    def _regions(
        self, alloy: FakeAlloy, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def hosts(region: str) -> Hosts:
            origin = alloy.origin if region == "us" else alloy.origin.replace("127.0.0.1", "[::1]")
            return Hosts(
                embedded=origin, app=f"https://{region}.test", production=origin, cdn=origin
            )

        monkeypatch.setattr(Hosts, "for_region", hosts)
        settings.ALLOY = {**settings.ALLOY, "SANDBOX_URL": ""}
        monkeypatch.setattr(account, "_client_for", lambda _: briefly())

    @pytest.mark.parametrize(
        ("replies", "state", "said"),
        [
            ([EVENTS], State.OK, "The account is in us."),
            ([Reply(401), EVENTS], State.FAILED, "Set REGION to eu."),
            ([Reply(401), Reply(401)], State.SKIPPED, ""),  # left to the key's own check
        ],
    )
    def test_the_region_that_knows_the_key_is_named(
        self, alloy: FakeAlloy, replies: list[Reply], state: State, said: str
    ) -> None:
        alloy.fail("/events", *replies)
        found = account.region_is_the_keys()
        assert (found.state, said in f"{found.detail} {found.hint}") == (state, True)


@pytest.mark.parametrize(
    ("seconds", "state", "way"),
    [(0, State.OK, "apart"), (-600, State.WARNING, "ahead of"), (600, State.WARNING, "behind")],
)
def test_our_clock_is_compared_with_alloys(
    alloy: FakeAlloy, monkeypatch: pytest.MonkeyPatch, seconds: int, state: State, way: str
) -> None:
    theirs = timezone.now() + timedelta(seconds=seconds)
    _answer_with(monkeypatch, {"Date": format_datetime(theirs, usegmt=True)})
    found = account.clock_is_right()
    assert found.state == state
    assert way in found.detail


@pytest.mark.parametrize("date", ["", "yesterday"])
def test_a_clock_that_alloy_does_not_show_is_skipped(
    alloy: FakeAlloy, monkeypatch: pytest.MonkeyPatch, date: str
) -> None:
    _answer_with(monkeypatch, {"Date": date})
    assert account.clock_is_right().state == State.SKIPPED


def _answer_with(monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]) -> None:
    call = Call(method="GET", base="http://alloy.test", route="/")
    answer = Answer(call=call, status=404, headers=headers, body=b"")
    monkeypatch.setattr(account, "get", lambda *_: answer)
