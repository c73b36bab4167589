"""What every test may use: three standing characters, a guard on the network, the services."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from acmeco.launcher.parts import find_server
from acmeco.launcher.processes import LaunchError
from tests.services.sandbox import Sandbox
from tests.services.stack import Stack

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import User

# A busy machine must not make a property look broken.
settings.register_profile("acmeco", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("acmeco")

DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_serialized_rollback"}
# What is about locks, constraints, what text a column takes, or the plans of queries.
ON_POSTGRESQL_TOO = (
    "accounts/test_addresses.py",
    "accounts/test_erased.py",
    "acmeco/test_every_answer.py",
    "acmeco/test_health.py",
    "acmeco/test_server_error.py",
    "integrations/contrib/activity/test_record.py",
    "integrations/contrib/backfill/test_run.py",
    "integrations/contrib/privacy/test_account.py",
    "integrations/inbox/",
    "integrations/outbox/",
    "integrations/pages/test_snapshots.py",
    "integrations/test_provisioning.py",
    "meetings/test_follow_ups.py",
    "meetings/test_import.py",
    "orders/test_deliveries.py",
    "orders/test_selectors.py",
    "orders/test_services.py",
    "orders/test_views_list.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what runs again on PostgreSQL: the files above, and whatever commits for real.

    The number of a scenario goes into the report that `make scenarios` reads.
    """
    for item in items:
        if scenario := item.get_closest_marker("scenario"):
            item.user_properties.append(("scenario", scenario.args[0]))
        if _uses_the_database(item) and (scenario or _is_about_the_database(item)):
            item.add_marker("postgresql")


def _uses_the_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or DATABASE_FIXTURES & fixtures)


def _is_about_the_database(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    commits = "transactional_db" in getattr(item, "fixturenames", ()) or (
        marker is not None and marker.kwargs.get("transaction", False)
    )
    name = item.path.relative_to(Path(__file__).parent).as_posix()
    return commits or name.startswith(ON_POSTGRESQL_TOO)


@pytest.fixture(autouse=True, scope="session")
def _only_this_machine() -> Iterator[None]:
    """Refuse every connection that would leave this machine, and name it."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not _is_local(address[0]):
            raise AssertionError(f"A test tried to reach {address[0]}, outside this machine.")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


def _is_local(host: str) -> bool:
    return host == "localhost" or ip_address(host).is_loopback


@pytest.fixture(autouse=True)
def _nothing_counted_yet() -> None:
    """Let no test be refused, nor its refusals go unlogged, for what others did too often."""
    from django.core.cache import cache

    from integrations import webhooks

    cache.clear()
    webhooks._refusals.update(minute=0, logged=0, silent=0)


@pytest.fixture
def merchant(db: None) -> User:
    """The owner: most tests are told from this merchant's side."""
    from accounts.models import User

    return User.objects.create_user("merchant@acme.example", "a long pass phrase", name="Mia")


@pytest.fixture
def other_merchant(db: None) -> User:
    """Somebody else's merchant, who must never see or touch what is `merchant`'s."""
    from accounts.models import User

    return User.objects.create_user("other@acme.example", "a long pass phrase", name="Otto")


@pytest.fixture
def operator(db: None) -> User:
    """Somebody at AcmeCo, who may do everything in the admin."""
    from accounts.models import User

    return User.objects.create_superuser("operator@acme.example", "a long pass phrase", name="Olga")


@pytest.fixture
def merchant_client(merchant: User) -> Client:
    return _logged_in(merchant)


@pytest.fixture
def other_merchant_client(other_merchant: User) -> Client:
    return _logged_in(other_merchant)


@pytest.fixture
def operator_client(operator: User) -> Client:
    return _logged_in(operator)


def _logged_in(user: User) -> Client:
    from django.test import Client

    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(scope="session")
def sandbox_stack() -> Iterator[Stack]:
    """A sandbox, and nothing else, as a real process."""
    with Stack() as stack:
        stack.start_sandbox()
        yield stack


@pytest.fixture
def sandbox(sandbox_stack: Stack) -> Iterator[Sandbox]:
    """A sandbox that holds nothing but its seeds."""
    sandbox = Sandbox(sandbox_stack.sandbox_url)
    sandbox.reset()
    yield sandbox
    sandbox.close()


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis of this session's own."""
    with Stack() as stack:
        try:
            stack.start("redis")
        except LaunchError as error:
            pytest.skip(f"could not set up Redis: {error}")
        yield stack.redis_url


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """AcmeCo and its sandbox as real processes: web, worker, beat, Redis."""
    with Stack() as stack:
        try:
            find_server()
        except LaunchError as error:
            pytest.skip(f"could not set up Redis: {error}")
        stack.start_all()
        yield stack
