"""What every test may use: people, a guard on the network, Alloy and the services."""

from __future__ import annotations

import gc
import re
import socket
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.management.commands import flush
from django.test import Client
from hypothesis import HealthCheck, settings
from pytest_django import Settings

from accounts.models import User
from integrations import flood_control
from integrations.contrib.connectivity import connectors
from integrations.tenants import unprovisioned
from integrations.wake import Hint
from tests.full_size import FULL_SIZE, size
from tests.integrations import fake_alloy
from tests.integrations.fake_alloy import FakeAlloy
from tests.needs import need_redis
from tests.services.sandbox import Sandbox
from tests.services.stack import Stack

# A busy machine must not make a property look broken.
settings.register_profile(
    "acmeco",
    max_examples=size(100, usual=25),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("acmeco")


ON_POSTGRESQL = re.compile(r"postgresql|transaction=True|transactional_db")
"""What a file has to say somewhere, for tests in it to run on PostgreSQL."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With `-m postgresql`, do not import files that hold no such test: nine of ten."""
    if config.getoption("markexpr") != "postgresql" or not collection_path.match("test_*.py"):
        return None
    return None if ON_POSTGRESQL.search(collection_path.read_text()) else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what commits for real to run on PostgreSQL too, and note each scenario's number."""
    for item in items:
        if scenario := item.get_closest_marker("scenario"):
            item.user_properties.append(("scenario", scenario.args[0]))
        database = item.get_closest_marker("django_db")
        fixtures = getattr(item, "fixturenames", ())
        if "transactional_db" in fixtures or (database and database.kwargs.get("transaction")):
            item.add_marker("postgresql")
        is_marked = item.get_closest_marker("postgresql")
        if is_marked and not ON_POSTGRESQL.search(item.path.read_text()):
            raise pytest.UsageError(f"{item.nodeid}: its file must say `postgresql`, to be found.")


def pytest_collection_finish() -> None:
    """Spare the garbage collector what lasts to the end: modules, and thousands of tests."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """At full size, say which scenarios held, and what figures their tests wrote down."""
    if not FULL_SIZE:
        return
    held: dict[int, bool] = {}
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, []):
            properties = dict(report.user_properties)
            scenario = properties.pop("scenario", 0)
            is_other_database = outcome == "skipped" and "could not" not in str(report.longrepr)
            held[scenario] = held.get(scenario, True) and (outcome == "passed" or is_other_database)
            for what, value in properties.items():
                terminalreporter.write_line(f"{scenario:>4}  {what}: {value}")
    for scenario, is_held in sorted(held.items()):
        terminalreporter.write_line(f"{scenario:>4}  {'held' if is_held else 'MISSED'}")


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


@pytest.fixture(autouse=True, scope="session")
def _filled_once() -> Iterator[None]:
    """Let what `migrate` filled in outlast a test that commits: else each would fill it anew."""

    def delete_what_is_there(style: Any, connection: Any, **_: bool) -> list[str]:
        """Look first: to truncate sixty empty tables takes PostgreSQL longer than most tests."""
        tables = set(connection.introspection.django_table_names(only_existing=True))
        tables -= {ContentType._meta.db_table, Permission._meta.db_table}
        look = "SELECT '{0}' WHERE EXISTS (SELECT 1 FROM \"{0}\")"
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(map(look.format, tables)))
            return [f'DELETE FROM "{each}"' for (each,) in cursor.fetchall()]  # noqa: S608

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "sql_flush", delete_what_is_there)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_: None)
        yield


@pytest.fixture(autouse=True)
def _nothing_counted_yet() -> None:
    """Let no test be refused, nor its refusals go unlogged, for what others did too often."""
    cache.clear()
    flood_control._refusals.update(minute=0, logged=0, silent=0)
    unprovisioned._seen.clear()


@pytest.fixture
def merchant(db: None) -> User:
    """The owner: most tests are told from this merchant's side."""
    return User.objects.create_user("merchant@acme.example", "a long pass phrase", name="Mia")


@pytest.fixture
def other_merchant(db: None) -> User:
    """Somebody else's merchant, who must never see or touch what is `merchant`'s."""
    return User.objects.create_user("other@acme.example", "a long pass phrase", name="Otto")


@pytest.fixture
def operator(db: None) -> User:
    """Somebody at AcmeCo, who may do everything in the admin."""
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
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def viewer_client(db: None) -> Client:
    """Somebody who may look at everything, and do nothing."""
    viewer = User.objects.create_user("viewer@acme.example", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return _logged_in(viewer)


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
    connectors._copies.clear()
    settings.ALLOY = {
        **settings.ALLOY,
        "CALL_DEADLINE": 60.0,
        "LEASE_SECONDS": 600,
        "SANDBOX_URL": _fake_alloy.origin,
        "API_KEY": "sandbox_of_the_tests",
    }
    return _fake_alloy


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[Hint]:
    """The hints that would have been given."""
    given: list[Hint] = []
    monkeypatch.setattr("integrations.wake.wake", lambda hint, **_: given.append(hint))
    return given


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
    need_redis()
    with Stack() as stack:
        stack.start("redis")
        yield stack.redis_url


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """AcmeCo and its sandbox as real processes: web, worker, beat, Redis."""
    need_redis()
    with Stack(environment={"DJANGO_SETTINGS_MODULE": "tests.services.settings"}) as stack:
        stack.start_all()
        yield stack
