from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.alloy import Integration
from integrations.models import IntegrationsSnapshot
from integrations.snapshots import Card, page_of
from tests.integrations.pages.conftest import BIGCOMMERCE, SLACK


def card(*, installed: bool = False, workflows: list[dict[str, Any]]) -> Card:
    shapes = [
        {"workflowId": f"w{number}", "installed": False, **each}
        for number, each in enumerate(workflows)
    ]
    answer = {"integrationId": "i", "app": "App", "installed": installed, "workflows": shapes}
    return Card(Integration.model_validate(answer))


RUNS = {"installed": True, "active": True, "version": 1, "installedVersion": 1}
PAUSED = {**RUNS, "active": False}
OUTDATED = {**RUNS, "version": 2}


@pytest.mark.parametrize(
    ("installed", "workflows", "state"),
    [
        (False, [], "not_installed"),
        (False, [{}], "not_installed"),
        (True, [], "installed"),
        (True, [{}], "installed"),
        (False, [RUNS], "installed"),
        (True, [RUNS, PAUSED], "installed"),
        (True, [PAUSED, {}], "paused"),
        (True, [{**PAUSED, **{"version": 2}}], "paused"),
    ],
)
def test_the_state_follows_the_workflows(
    installed: bool, workflows: list[dict[str, Any]], state: str
) -> None:
    assert card(installed=installed, workflows=workflows).state == state


@pytest.mark.parametrize(
    ("workflow", "available"),
    [
        (RUNS, False),
        (OUTDATED, True),
        ({**OUTDATED, "installed": False}, False),
        ({**PAUSED, "version": 2}, True),
        ({"installed": True, "version": 2}, False),
    ],
)
def test_an_update_is_available_where_the_installed_version_is_older(
    workflow: dict[str, Any], available: bool
) -> None:
    assert card(installed=True, workflows=[workflow]).update_available is available


def snapshot(**fields: Any) -> IntegrationsSnapshot:
    when = datetime(2026, 11, 20, tzinfo=UTC)
    return IntegrationsSnapshot(**{"data": [BIGCOMMERCE, SLACK], "fetched_at": when, **fields})


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["BigCommerce", "Slack"]),
        ("big", ["BigCommerce"]),
        ("STATUSES", ["BigCommerce"]),
        ("nothing", []),
    ],
)
def test_search_looks_into_names_and_descriptions(query: str, names: list[str]) -> None:
    assert [each.name for each in page_of(snapshot(), query=query).cards] == names


def test_updates_are_counted_whatever_is_searched_for() -> None:
    assert page_of(snapshot(), query="slack").updates == 1


def test_a_page_from_a_copy_says_that_it_is_old() -> None:
    old = page_of(snapshot(last_failure="Alloy answered 503."))
    new = page_of(snapshot())
    empty = page_of(snapshot(last_failure="Alloy answered 503.", fetched_at=None, data=[]))
    assert (old.is_old, new.is_old, empty.is_old) == (True, False, False)
    assert (bool(old.trouble), bool(new.trouble), bool(empty.trouble)) == (True, False, True)
    assert "503" not in old.trouble
