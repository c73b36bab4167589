"""How well an integration runs: the worst that is true of it, why, since when, and where."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.alloy import Integration
from integrations.pages.health import Failure, Health, State, health_of

EIGHT, NINE = datetime(2026, 11, 28, 8, tzinfo=UTC), datetime(2026, 11, 28, 9, tzinfo=UTC)
RUNS = {"installed": True, "active": True, "version": 1, "installedVersion": 1}
PAUSED = {**RUNS, "active": False}
OUTDATED = {**RUNS, "version": 2}


def health(
    *workflows: dict[str, Any], installed: bool = False, failures: list[Failure] | None = None
) -> Health:
    shapes = [
        {"workflowId": f"w{number}", "name": f"Work {number}", "installed": False, **each}
        for number, each in enumerate(workflows)
    ]
    answer = {"integrationId": "i", "app": "App", "installed": installed, "workflows": shapes}
    return health_of(
        Integration.model_validate(answer), failures=failures or [], paused_since={"w1": NINE}
    )


def failure(workflow_id: str = "w0", *, refused: bool = False, since: datetime = NINE) -> Failure:
    words = "App refuses our access." if refused else "App did not answer."
    return Failure(workflow_id, words, since=since, last_seen_at=since, is_refused=refused)


@pytest.mark.parametrize(
    ("workflows", "installed", "state"),
    [
        ([], False, State.AVAILABLE),
        ([{}], False, State.AVAILABLE),
        ([], True, State.CONNECTED),
        ([{}], True, State.CONNECTED),
        ([RUNS], False, State.CONNECTED),  # Alloy's own sample contradicts itself like this
        ([RUNS, {}], True, State.CONNECTED),
        ([OUTDATED, {}], True, State.UPDATE),
        ([RUNS, PAUSED], True, State.PAUSED),
        ([PAUSED, OUTDATED], True, State.PAUSED),
        ([PAUSED, {}], True, State.PAUSED),
    ],
)
def test_the_worst_that_is_true_of_the_workflows_is_the_state(
    workflows: list[dict[str, Any]], installed: bool, state: State
) -> None:
    assert health(*workflows, installed=installed).state is state


def test_what_fails_is_worse_than_a_pause_and_says_where_and_since_when() -> None:
    found = health(PAUSED, RUNS, failures=[failure("w1"), failure("w0", since=EIGHT)])
    assert (found.state, found.workflow_id) == (State.ATTENTION, "w1")
    assert (found.words, found.since) == ("App did not answer.", EIGHT)
    assert not found.is_refused


def test_a_refused_account_comes_first_since_connecting_it_again_helps() -> None:
    found = health(RUNS, RUNS, failures=[failure("w0"), failure("w1", refused=True)])
    assert (found.words, found.workflow_id) == ("App refuses our access.", "w1")
    assert found.is_refused


@pytest.mark.parametrize("workflows", [[{}, RUNS], [RUNS]])
def test_the_failure_of_a_workflow_that_is_not_installed_or_not_its_own_is_none(
    workflows: list[dict[str, Any]],
) -> None:
    elsewhere = "w0" if len(workflows) == 2 else "another"
    assert health(*workflows, failures=[failure(elsewhere)]).state is State.CONNECTED


def test_a_pause_says_which_workflow_and_since_when_we_know_it() -> None:
    one = health(RUNS, PAUSED)
    assert (one.workflow_id, one.since) == ("w1", NINE)
    assert "Work 1" in one.words
    assert "2 workflows" in health(RUNS, PAUSED, PAUSED).words
    everything = health(PAUSED)
    assert everything.since is None
    assert "nothing" in everything.words
