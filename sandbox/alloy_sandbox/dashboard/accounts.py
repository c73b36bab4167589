"""What the pages about connected services read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest

from alloy_sandbox.connectivity.catalogue import connectors, find_connector
from alloy_sandbox.connectivity.connector import Connector
from alloy_sandbox.connectivity.providers import shopify
from alloy_sandbox.control.selectors import find
from alloy_sandbox.core.models import Account, SlackChannel, SlackMessage
from alloy_sandbox.dashboard.framing import words_of
from alloy_sandbox.dashboard.selectors import one_page

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

    def contents(self) -> QuerySet[Any] | Sequence[Any]:
        """Return what is in the account, the newest first."""
        match self.connector.icon:
            case "notion":
                return self.account.notion_pages.select_related("database")
            case "slack":
                return channels_of(self.account)
            case "googledrive":
                return self.account.drive_files.all()
            case "hubspot":
                return self.account.hubspot_contacts.order_by("-pk")
            case "shopify":
                return shopify.orders_of(self.account)
        return []


def connected_accounts(request: HttpRequest) -> Page[Account]:
    """Return the accounts, the newest first, each with how many credentials still open it."""
    words, known = words_of(request), connectors()
    meant = Q(name__icontains=words) | Q(connector__icontains=words)
    found = Account.objects.filter(meant | Q(user__username__icontains=words), connector__in=known)
    accounts = found.select_related("user").annotate(open_by=Count("credentials"))
    rows = one_page(request, accounts.order_by("-created_at", "-pk"))
    rows.object_list = [ConnectedAccount(each, known[each.connector]) for each in rows]
    return rows


def find_account(account_id: str) -> ConnectedAccount:
    accounts = Account.objects.select_related("user").prefetch_related("credentials")
    account = find(accounts, account_id, "Account")
    return ConnectedAccount(account, find_connector(account.connector))


def channels_of(account: Account) -> QuerySet[SlackChannel]:
    """Return the channels, each with its newest messages under `shown`."""
    newest = SlackMessage.objects.order_by("-pk")[:MESSAGES_SHOWN]
    return account.slack_channels.prefetch_related(
        Prefetch("messages", queryset=newest, to_attr="shown")
    )
