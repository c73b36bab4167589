"""A page that may lag reads from the replica, but never for who has just changed something."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from orders import selectors

pytestmark = pytest.mark.django_db


@pytest.fixture
def read_from(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The databases that lists of orders were read from."""
    seen: list[str | None] = []

    def page(*_: object, using: str | None, **__: object) -> selectors.Page:
        seen.append(using)
        return selectors.Page([], None)

    monkeypatch.setattr(selectors, "order_page", page)
    monkeypatch.setattr(selectors, "newest_order_id", lambda *_: 0)
    return seen


@pytest.mark.parametrize("database", ["default", "replica"])
def test_a_list_is_read_from_the_replica_but_after_a_change_of_ones_own(
    client: Client,
    merchant: User,
    monkeypatch: pytest.MonkeyPatch,
    read_from: list[str | None],
    database: str,
) -> None:
    monkeypatch.setitem(settings.DATABASES, database, settings.DATABASES["default"])
    client.force_login(merchant)
    client.get("/orders/")
    client.post("/settings/preferences/", {"language": "de"})
    client.get("/orders/")
    assert read_from == [database, "default"]
    if cookie := client.cookies.get("changed"):
        assert (cookie["max-age"], cookie["httponly"]) == (15, True)
    client.cookies.pop("changed", None)
    client.get("/orders/")
    assert read_from[-1] == database
