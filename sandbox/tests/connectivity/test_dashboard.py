"""The dashboard's pages about connected services, and their buttons."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from alloy_sandbox.connectivity.catalogue import BUILT_IN, find_connector
from alloy_sandbox.connectivity.credentials import connect_account
from alloy_sandbox.connectivity.providers.slack.bodies import NewMessage
from alloy_sandbox.connectivity.providers.slack.messages import post_message
from alloy_sandbox.core import seed
from alloy_sandbox.core.models import Account, NotionPage, User
from alloy_sandbox.core.preferences import preferences
from tests.dashboard.test_actions import press
from tests.dashboard.test_pages import page


@pytest.fixture
def visitor() -> Client:
    return Client()


@pytest.fixture
def merchant(db: None) -> User:
    seed.seed()
    return User.objects.create(username="mia@acme.example")


def connected(merchant: User, connector: str, name: str = "Acme HQ") -> Account:
    made = connect_account(user=merchant, connector=find_connector(connector), name=name)
    assert made.account
    return made.account


@pytest.fixture
def notion(merchant: User) -> Account:
    return connected(merchant, "notion")


@pytest.fixture
def written(notion: Account) -> NotionPage:
    return notion.notion_pages.get()


def test_the_list_can_be_opened_when_nothing_is_connected(visitor: Client, db: None) -> None:
    assert "Nothing is connected yet" in page(visitor, "/dashboard/services")


@pytest.mark.parametrize("connector", BUILT_IN)
def test_the_account_of_every_connector_can_be_opened(
    visitor: Client, merchant: User, connector: str
) -> None:
    account = connected(merchant, connector)
    assert "Acme HQ" in page(visitor, "/dashboard/services")
    found = page(visitor, f"/dashboard/services/{account.pk}")
    assert BUILT_IN[connector].name in found
    assert not re.search(r"<style|style=|<script(?! src=)| on\w+=", found)
    live = page(visitor, f"/dashboard/services/{account.pk}?live")
    assert "<html" not in live


def test_a_page_is_shown_with_its_words(visitor: Client, written: NotionPage) -> None:
    written.blocks.update(content={"rich_text": [{"plain_text": "<b>We shipped</b>"}]})
    found = page(visitor, f"/dashboard/services/notion/{written.pk}")
    assert "Getting started" in found
    assert "&lt;b&gt;We shipped&lt;/b&gt;" in found


def test_a_channel_shows_its_messages(visitor: Client, merchant: User) -> None:
    account = connected(merchant, "slack")
    post_message(account, body=NewMessage(channel="general", text="Bo &amp; Mia are &lt;in&gt;"))
    found = page(visitor, f"/dashboard/services/{account.pk}")
    assert "Bo &amp; Mia are &lt;in&gt;" in found
    assert "The app is not a member" in found


def test_a_page_is_moved_to_the_trash_restored_and_deleted(
    visitor: Client, notion: Account, written: NotionPage
) -> None:
    path = f"/dashboard/services/{notion.pk}"
    assert "is in the trash" in press(visitor, f"{path}/trash", page=written.pk)
    assert "In the trash" in page(visitor, path)
    assert "is back" in press(visitor, f"{path}/restore", page=written.pk)
    assert "In the trash" not in page(visitor, path)
    assert "deleted for good" in press(visitor, f"{path}/delete", page=written.pk)
    assert "This workspace has no pages" in page(visitor, path)


@pytest.mark.parametrize("named", ["", "x", "0aef83dc-5384-4aa6-b508-e00c4fe77e67"])
def test_a_page_that_is_not_there_is_said_to_be_unknown(
    visitor: Client, notion: Account, named: str
) -> None:
    said = press(visitor, f"/dashboard/services/{notion.pk}/delete", page=named)
    assert said == "Page not found"


def test_a_page_of_another_account_is_not_touched(
    visitor: Client, merchant: User, written: NotionPage
) -> None:
    other = connected(merchant, "notion", "Acme Europe")
    said = press(visitor, f"/dashboard/services/{other.pk}/delete", page=written.pk)
    assert said == "Page not found"
    assert NotionPage.objects.filter(pk=written.pk).exists()


def test_a_revoked_credential_leaves_the_account_closed(visitor: Client, notion: Account) -> None:
    credential = notion.credentials.get()
    path = f"/dashboard/services/{notion.pk}"
    assert "revoked" in press(visitor, f"{path}/revoke", credential=credential.pk)
    assert "No credential opens this account any more" in page(visitor, path)
    assert "Nothing: revoked" in page(visitor, "/dashboard/services")


def test_what_alloy_does_in_two_ways_can_be_chosen(visitor: Client, merchant: User) -> None:
    chosen = {"execute_form": "documented", "modal": "stays"}
    press(visitor, "/dashboard/services/answers", **chosen)
    assert preferences().model_dump(include=set(chosen)) == chosen
    assert "selected>success" in page(visitor, "/dashboard/services")


@pytest.mark.parametrize("path", ["x", "notion/0aef83dc-5384-4aa6-b508-e00c4fe77e67"])
def test_what_is_not_there_is_a_404_page(visitor: Client, db: None, path: str) -> None:
    response = visitor.get(f"/dashboard/services/{path}")
    assert response.status_code == 404
    assert b"not found" in response.content


def test_the_pages_do_not_ask_the_database_once_per_row(
    visitor: Client, merchant: User, django_assert_max_num_queries: object
) -> None:
    accounts = [connected(merchant, each, "Acme") for each in ("notion", "slack", "googleDrive")]
    for channel in accounts[1].slack_channels.filter(is_member=True):
        for n in range(3):
            post_message(accounts[1], body=NewMessage(channel=channel.name, text=str(n)))
    for path in ["", *(f"/{account.pk}" for account in accounts)]:
        with django_assert_max_num_queries(8):  # type: ignore[operator]
            page(visitor, f"/dashboard/services{path}")
