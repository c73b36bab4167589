"""Two databases and Django's own router, as docs/examples/shards.py has them."""

from __future__ import annotations

import importlib
import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from pytest_django import DjangoDbBlocker, Settings

from accounts.models import User
from integrations import inbox
from integrations.models import Delivery, Message
from integrations.outbox.relay import Relay
from orders.models import Order
from tests.integrations.conftest import make_ready, private_key  # noqa: F401 -- a fixture
from tests.integrations.fake_alloy import FakeAlloy
from tests.integrations.inbox.conftest import sender  # noqa: F401 -- a fixture
from tests.integrations.inbox.steps import ORDER, Sender, url_of

EXAMPLES = Path(__file__).parent.parent / "docs" / "examples"
NAMES = ("a", "b")
pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]


@pytest.fixture
def _django_db_helper(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let tests use databases, those too that they make: pytest-django's own forbids that."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> None:
    """No broker: as with shards, where relays do the work."""
    monkeypatch.setattr("integrations.wake._send", lambda hint: None)


@pytest.fixture
def shards(
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[ModuleType]:
    """Two databases with all tables, and a "default" that is none: whoever asks it fails."""
    monkeypatch.syspath_prepend(EXAMPLES)
    shards = importlib.import_module("shards")

    shards._known_shard_of.cache_clear()
    settings.DATABASE_ROUTERS = ["shards.ShardRouter"]
    settings.ALLOWED_HOSTS = ["*"]
    position = settings.MIDDLEWARE.index("integrations.webhooks.WebhookMiddleware")
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE[:position],
        "shards.choose_shard",
        *settings.MIDDLEWARE[position:],
    ]
    default = connections["default"]
    with two_databases(default, tmp_path) as two:
        known = connections.configure_settings({"default": {}, **two})
        monkeypatch.setattr(connections, "settings", known)
        del connections["default"]
        yield shards
        for name in known:
            connections[name].close()
            del connections[name]
        connections["default"] = default


@contextmanager
def two_databases(like: BaseDatabaseWrapper, directory: Path) -> Iterator[dict[str, Any]]:
    """Yield the settings of two: copies of the tests' own, files or beside it."""
    known = like.settings_dict
    with ExitStack() as afterwards:
        if like.vendor == "sqlite":
            names = {name: str(directory / f"{name}.sqlite3") for name in NAMES}
            with like.cursor() as cursor:
                for file in names.values():
                    cursor.execute("VACUUM INTO %s", [file])
        else:
            names = {name: f"shard_{name}_{os.getpid()}" for name in NAMES}
            like.close()  # what is copied must not be in use
            server = psycopg.connect(
                host=known["HOST"], port=known["PORT"], user=known["USER"], dbname="postgres"
            )
            server.autocommit = True
            afterwards.callback(server.close)
            for name in names.values():
                server.execute(f"CREATE DATABASE {name} TEMPLATE {known['NAME']}")
                afterwards.callback(server.execute, f"DROP DATABASE {name} WITH (FORCE)")
        yield {name: {**known, "NAME": names[name], "TEST": {}} for name in NAMES}


@pytest.fixture
def merchants(
    shards: ModuleType,
    sender: Sender,  # noqa: F811
) -> dict[str, User]:
    """A merchant on each shard, each the first there: their rows have the same ids."""
    found = {}
    for name in NAMES:
        with shards.on(name):
            found[name] = User.objects.create_user(f"{name}@shop.example")
            alloy_user = make_ready(found[name])
            type(alloy_user).objects.filter(pk=alloy_user.pk).update(user_id=name * 24)
    return found


@contextmanager
def counting() -> Iterator[Counter[str]]:
    """Count the statements on each shard."""
    counted = Counter[str]()

    def count(execute: Any, *arguments: Any) -> Any:
        counted[arguments[-1]["connection"].alias] += 1
        return execute(*arguments)

    with ExitStack() as wrapped:
        for name in NAMES:
            wrapped.enter_context(connections[name].execute_wrapper(count))
        yield counted


def at(shards: ModuleType, name: str, user: User) -> Client:
    client = Client(headers={"host": f"{name}.acme.example"})
    with shards.on(name):
        client.force_login(user)
    return client


def test_an_order_comes_in_and_its_status_goes_out_on_its_own_shard_alone(
    shards: ModuleType,
    merchants: dict[str, User],
    sender: Sender,  # noqa: F811
    alloy: FakeAlloy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    webhook = url_of("orders", f"userId={'b' * 24}")
    assert sender.post(webhook, ORDER).status_code == 202
    client = at(shards, "b", merchants["b"])

    with counting() as counted:
        assert sender.post(webhook, ORDER).status_code == 200  # received already
        with shards.on("b"):
            assert inbox.sweep(seconds=60) == 1
            order = Order.objects.get()
        page = client.get("/integrations/")
        answer = client.post(f"/orders/{order.pk}/", {"status": "PACKED"})
        monkeypatch.setenv("SHARD", "b")  # the relay calls in threads of its own
        Relay(senders=2).drain(seconds=60)

    assert (page.status_code, answer.status_code) == (200, 302)
    assert [each["status"] for each in alloy.events] == ["PACKED"]
    assert alloy.calls_to("/run/event")[0].body["userId"] == "b" * 24
    assert set(counted) == {"b"}


def test_the_relay_of_a_shard_sends_nothing_of_another(
    shards: ModuleType,
    merchants: dict[str, User],
    alloy: FakeAlloy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in NAMES:
        with shards.on(name):
            order = Order.objects.create(merchant=merchants[name], external_id=f"1-{name}")
        client = at(shards, name, merchants[name])
        client.post(f"/orders/{order.pk}/", {"status": "SHIPPED"})

    monkeypatch.setenv("SHARD", "a")
    Relay(senders=2).drain(seconds=60)

    assert [each["orderId"] for each in alloy.events] == ["1-a"]
    assert {
        name: list(Message.objects.using(name).values_list("state", flat=True)) for name in NAMES
    } == {"a": ["delivered"], "b": ["waiting"]}


def test_what_is_nobodys_is_refused_or_kept_on_the_first_shard_as_with_one_database(
    shards: ModuleType,
    merchants: dict[str, User],
    sender: Sender,  # noqa: F811
) -> None:
    assert Client(headers={"host": "c.acme.example"}).get("/integrations/").status_code == 404
    assert sender.post(url_of("orders", f"userId={'c' * 24}"), ORDER).status_code == 404
    assert sender.post(url_of("installations"), b"nonsense").status_code == 202
    assert [Delivery.objects.using(name).count() for name in NAMES] == [1, 0]


def test_no_code_of_integrations_means_the_default_database() -> None:
    means_it = re.compile(
        r"@transaction|transaction\.(atomic\(\):|get_conn)|import .*\bconnection\b"
    )
    code = (EXAMPLES.parent.parent / "integrations").rglob("*.py")
    found = {path.name for path in code if means_it.search(path.read_text())}
    assert found == {"events.py"}  # an example in its docstring
