"""`ConnectorClient`: one pattern for every service."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta

import pytest

from accounts.models import User
from integrations.alloy import ProviderError
from integrations.contrib.connectivity.connector import ConnectorClient, NotConnected, OutOfTime
from integrations.contrib.connectivity.models import Connection
from integrations.contrib.connectivity.selectors import connected
from tests.integrations.contrib.connectivity.surroundings import connect
from tests.services.sandbox import Sandbox

pytestmark = pytest.mark.django_db


def test_one_pattern_works_for_every_service(at_sandbox: Sandbox, known_merchant: User) -> None:
    for each in ("notion", "slack", "googleDrive", "hubspot", "shopify"):
        connect(known_merchant, each, sandbox=at_sandbox, account="mugs" * (each == "shopify"))
    assert (
        ConnectorClient("notion", known_merchant).execute("post-search", body={})["object"]
        == "list"
    )
    assert ConnectorClient("slack", known_merchant).execute("conversations_list")["ok"] is True
    assert ConnectorClient("googleDrive", known_merchant).execute(
        "listFiles", query={"pageSize": 1}
    )
    assert (
        ConnectorClient("hubspot", known_merchant).execute("searchContacts", body={})["total"] == 1
    )
    assert ConnectorClient("shopify", known_merchant).execute("listOrders", query={"first": 1})[
        "data"
    ]


def test_a_service_that_refuses_is_quoted(at_sandbox: Sandbox, known_merchant: User) -> None:
    connect(known_merchant, "notion", sandbox=at_sandbox)
    with pytest.raises(ProviderError) as refusal:
        ConnectorClient("notion", known_merchant).execute(
            "retrieve-a-page", path={"page_id": "00000000-0000-0000-0000-000000000000"}
        )
    assert (refusal.value.status, refusal.value.code) == (404, "object_not_found")
    assert refusal.value.detail.startswith("Could not find page with ID")
    assert "Could not find page" in Connection.objects.get().last_error


def test_what_worked_again_is_no_longer_said_to_fail(
    at_sandbox: Sandbox, known_merchant: User
) -> None:
    connect(known_merchant, "slack", sandbox=at_sandbox)
    Connection.objects.update(last_error="It did not work.")
    ConnectorClient("slack", known_merchant).execute("conversations_list")
    assert Connection.objects.get().last_error == ""


def test_an_account_that_is_gone_is_noticed_and_no_longer_used(
    at_sandbox: Sandbox, known_merchant: User, user_id: str
) -> None:
    connect(known_merchant, "notion", sandbox=at_sandbox)
    at_sandbox.revoke(user_id, Connection.objects.get().credential_id)
    with pytest.raises(NotConnected):
        ConnectorClient("notion", known_merchant).execute("post-search", body={})
    assert Connection.objects.get().gone_at is not None
    assert connected(known_merchant) == set()


def test_without_an_account_nothing_is_called(known_merchant: User) -> None:
    with pytest.raises(NotConnected, match="No notion account"):
        ConnectorClient("notion", known_merchant)


def test_of_several_accounts_the_preferred_one_is_taken_else_the_newest(
    at_sandbox: Sandbox, known_merchant: User
) -> None:
    first = connect(known_merchant, "notion", sandbox=at_sandbox, account="Acme HQ")
    second = connect(known_merchant, "notion", sandbox=at_sandbox, account="Acme Europe")
    assert ConnectorClient("notion", known_merchant).connection.pk == second
    assert ConnectorClient("notion", known_merchant, connection_id=first).connection.pk == first
    assert ConnectorClient("notion", known_merchant, connection_id=999_999).connection.pk == second


def test_another_tenants_account_is_never_taken(
    at_sandbox: Sandbox, known_merchant: User, other_merchant: User
) -> None:
    theirs = connect(known_merchant, "notion", sandbox=at_sandbox)
    with pytest.raises(NotConnected):
        ConnectorClient("notion", other_merchant, connection_id=theirs)


def test_all_calls_together_end_before_the_lease_does(
    at_sandbox: Sandbox, known_merchant: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(known_merchant, "notion", sandbox=at_sandbox)
    monkeypatch.setattr("integrations.conf.lease", lambda: timedelta(seconds=2.1))
    with pytest.raises(OutOfTime):
        ConnectorClient("notion", known_merchant).execute("post-search", body={})


@pytest.mark.parametrize("is_gone", [False, True])
def test_an_account_that_is_removed_while_it_is_used_breaks_nothing(
    at_sandbox: Sandbox, known_merchant: User, user_id: str, is_gone: bool
) -> None:
    connect(known_merchant, "notion", sandbox=at_sandbox)
    Connection.objects.update(last_error="It failed the last time.")
    client = ConnectorClient("notion", known_merchant)
    if is_gone:
        at_sandbox.revoke(user_id, client.connection.credential_id)
    Connection.objects.all().delete()
    with pytest.raises(NotConnected) if is_gone else nullcontext():
        client.execute("post-search", body={})
