from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from integrations.alloy import Hosts
from integrations.alloy.call import Answer, Call
from integrations.contrib.doctor import account
from integrations.contrib.doctor.asking import briefly
from integrations.contrib.doctor.result import State
from tests.integrations.fake_alloy import FakeAlloy, Reply

if TYPE_CHECKING:
    from pytest_django import Settings

EVENTS = Reply(body={"data": []})


def test_a_key_that_opens_is_accepted(alloy: FakeAlloy) -> None:
    alloy.fail("/events", EVENTS)
    found = account.key_is_accepted()
    assert found.state == State.OK
    assert "sandbox_of_the_tests" not in found.detail


def test_a_key_is_accepted_even_where_the_question_is_not(alloy: FakeAlloy) -> None:
    alloy.fail("/events", Reply(404))
    assert account.key_is_accepted().state == State.OK


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_opens_nothing_failed_and_the_cure_names_the_setting(
    alloy: FakeAlloy, status: int
) -> None:
    alloy.fail("/events", Reply(status))
    found = account.key_is_accepted()
    assert found.state == State.FAILED
    assert "API_KEY" in found.hint


def test_an_alloy_that_is_down_says_nothing_about_the_key(alloy: FakeAlloy) -> None:
    alloy.fail("/events", Reply(503))
    found = account.key_is_accepted()
    assert found.state == State.FAILED
    assert "503" in found.detail


def test_a_stand_in_has_no_regions(alloy: FakeAlloy) -> None:
    assert account.region_is_the_keys().state == State.SKIPPED


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

    def test_a_key_of_this_region_is_fine(self, alloy: FakeAlloy) -> None:
        alloy.fail("/events", EVENTS)
        found = account.region_is_the_keys()
        assert (found.state, found.detail) == (State.OK, "The account is in us.")

    def test_a_key_of_the_other_region_names_it(self, alloy: FakeAlloy) -> None:
        alloy.fail("/events", Reply(401), EVENTS)
        found = account.region_is_the_keys()
        assert (found.state, found.hint) == (State.FAILED, "Set REGION to eu.")

    def test_a_key_of_no_region_is_left_to_the_keys_own_check(self, alloy: FakeAlloy) -> None:
        alloy.fail("/events", Reply(401), Reply(401))
        assert account.region_is_the_keys().state == State.SKIPPED


def test_a_version_that_answers_is_known(alloy: FakeAlloy) -> None:
    alloy.fail("/events", EVENTS)
    assert account.version_is_known().state == State.OK


def test_a_version_that_is_not_found_failed(alloy: FakeAlloy) -> None:
    alloy.fail("/events", Reply(404))
    found = account.version_is_known()
    assert found.state == State.FAILED
    assert "API_VERSION" in found.hint


def test_a_version_that_nobody_tried_is_warned_of(alloy: FakeAlloy, settings: Settings) -> None:
    settings.ALLOY = {**settings.ALLOY, "API_VERSION": "2022-12"}
    alloy.fail("/events", EVENTS)
    assert account.version_is_known().state == State.WARNING


def test_the_version_is_not_blamed_for_a_key_that_is_refused(alloy: FakeAlloy) -> None:
    alloy.fail("/events", Reply(401))
    assert account.version_is_known().state == State.SKIPPED


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
