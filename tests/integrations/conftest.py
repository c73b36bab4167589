"""A fake Alloy for the tests of the room, and a broker that is never there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytest_django import Settings

from accounts.models import User
from integrations.contrib.connectivity import connectors
from integrations.models import AlloyUser, Message, MessageGroup
from integrations.tenants import provision
from integrations.wake import Hint
from tests.integrations import fake_alloy
from tests.integrations.fake_alloy import FakeAlloy

CLICKS_AND_PAGES = (
    "contrib.activity.runs.SECONDS_TO_WAIT",
    "contrib.connectivity.connectors.SECONDS_TO_WAIT",
    "contrib.connectivity.services.SECONDS_TO_WAIT_FOR_A_CLICK",
    "snapshots.SECONDS_TO_WAIT_WITHOUT",
    "actions.SECONDS_TO_WAIT_FOR_A_CLICK",
)


@pytest.fixture(scope="session")
def _fake_alloy() -> Iterator[FakeAlloy]:
    with fake_alloy.serving() as alloy:
        yield alloy


@pytest.fixture
def alloy(_fake_alloy: FakeAlloy, settings: Settings) -> FakeAlloy:
    """An Alloy that forgot everything, and to which all calls of this test go.

    Calls and leases last as long as a busy machine needs: no test here waits for their end.
    """
    _fake_alloy.reset()
    connectors.forget()
    settings.ALLOY = {
        **settings.ALLOY,
        "CALL_DEADLINE": 60.0,
        "LEASE_SECONDS": 600,
        "SANDBOX_URL": _fake_alloy.origin,
        "API_KEY": "sandbox_of_the_tests",
    }
    return _fake_alloy


@pytest.fixture(autouse=True)
def _pages_have_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page waits for Alloy as long as a busy machine needs; with a copy, still less long."""
    for name in CLICKS_AND_PAGES:
        monkeypatch.setattr(f"integrations.{name}", 60.0)
    monkeypatch.setattr("integrations.snapshots.SECONDS_TO_WAIT_WITH_A_COPY", 30.0)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[int, ...]]]:
    """The tasks that would have been sent to the broker, each with its arguments."""
    sent: list[tuple[str, tuple[int, ...]]] = []

    def note(hint: Hint, *ids: int, **_: object) -> None:
        sent.append((hint.value.rpartition(".")[2], ids))

    monkeypatch.setattr("integrations.wake.wake", note)
    return sent


@pytest.fixture
def provisioned(alloy: FakeAlloy, woken: object) -> Callable[[User], AlloyUser]:
    """Give a user an Alloy user without a call, as if that had happened long ago."""
    return make_ready


def make_ready(user: User) -> AlloyUser:
    """Give a tenant an Alloy user whose id is made of the tenant's own."""
    alloy_user = provision(tenant=user)
    AlloyUser.objects.filter(pk=alloy_user.pk).update(user_id=f"a{user.pk:023x}")
    Message.objects.filter(kind="provision").delete()
    MessageGroup.objects.filter(key=f"alloy-user:{alloy_user.pk}").delete()
    alloy_user.refresh_from_db()
    return alloy_user
