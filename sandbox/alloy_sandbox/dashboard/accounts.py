"""What the pages about connected services read."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, QuerySet

from alloy_sandbox.connectivity.catalogue import connectors, find_connector
from alloy_sandbox.connectivity.connector import Connector
from alloy_sandbox.connectivity.providers import shopify
from alloy_sandbox.core.errors import NotFound
from alloy_sandbox.core.models import Account, NotionPage, SlackChannel, SlackMessage

SHOWN = 100
MESSAGES_SHOWN = 30


@dataclass(frozen=True)
class ConnectedAccount:
    """An account, and what the sandbox knows of the service that it is at."""

    account: Account
    connector: Connector

    @property
    def template(self) -> str:
        """The template that shows what is in the account."""
        kind = self.connector.icon if self.connector.actions else "nothing"
        return f"dashboard/contents/{kind}.html"


def connected_accounts() -> list[ConnectedAccount]:
    """Return the newest accounts, each with how many credentials still open it."""
    accounts = Account.objects.select_related("user").annotate(open_by=Count("credentials"))
    known = connectors()
    newest = accounts.order_by("-created_at")[:SHOWN]
    return [
        ConnectedAccount(each, known[each.connector]) for each in newest if each.connector in known
    ]


def find_account(account_id: str) -> ConnectedAccount:
    account = (
        Account.objects.filter(pk=account_id)
        .select_related("user")
        .prefetch_related("credentials")
        .first()
    )
    if account is None:
        raise NotFound("Account")
    return ConnectedAccount(account, find_connector(account.connector))


def contents_of(account: Account) -> dict[str, Any]:
    """Return what the account's template may show, the newest of each kind. Read when shown."""
    return {
        "notion_pages": account.notion_pages.select_related("database")[:SHOWN],
        "channels": channels_of(account),
        "files": account.drive_files.all()[:SHOWN],
        "contacts": account.hubspot_contacts.order_by("-pk")[:SHOWN],
        "orders": lambda: shopify.orders_of(account),
    }


def channels_of(account: Account) -> QuerySet[SlackChannel]:
    """Return the channels, each with its newest messages under `shown`."""
    newest = SlackMessage.objects.order_by("-pk")[:MESSAGES_SHOWN]
    return account.slack_channels.prefetch_related(
        Prefetch("messages", queryset=newest, to_attr="shown")
    )


def find_page(page_id: uuid.UUID) -> NotionPage:
    page = NotionPage.objects.filter(pk=page_id).select_related("account__user").first()
    if page is None:
        raise NotFound("Page")
    return page
