from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.models import AlloyUser, IntegrationsSnapshot
from integrations.pages.cards import page_of
from tests.integrations.pages.conftest import BIGCOMMERCE, SLACK


@pytest.fixture(autouse=True)
def _nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.pages.cards.failures_of", lambda *_: [])


def snapshot(**fields: Any) -> IntegrationsSnapshot:
    when = datetime(2026, 11, 20, tzinfo=UTC)
    given = {"data": [BIGCOMMERCE, SLACK], "fetched_at": when, **fields}
    return IntegrationsSnapshot(alloy_user=AlloyUser(), **given)


def test_a_page_from_a_copy_says_that_it_is_old() -> None:
    old = page_of(snapshot(last_failure="Alloy answered 503."))
    new = page_of(snapshot())
    empty = page_of(snapshot(last_failure="Alloy answered 503.", fetched_at=None, data=[]))
    assert (old.is_old, new.is_old, empty.is_old) == (True, False, False)
    assert (bool(old.problem), bool(new.problem), bool(empty.problem)) == (True, False, True)
    assert "503" not in old.problem
