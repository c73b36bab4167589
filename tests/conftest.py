"""What every test may use: three standing characters, a guard on the network, the services."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import User

DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_serialized_rollback"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the database, so that exactly this runs again on PostgreSQL."""
    for item in items:
        if item.get_closest_marker("django_db") or DATABASE_FIXTURES & set(
            getattr(item, "fixturenames", ())
        ):
            item.add_marker("database")


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
