"""The accounts that a consent page offers."""

from __future__ import annotations

from dataclasses import dataclass

from alloy_sandbox.connectivity.catalogue import find_connector
from alloy_sandbox.core.models import Account, ConsentRequest


@dataclass(frozen=True)
class Choice:
    """A made-up account; `is_connected` when the user has a credential for it already."""

    name: str
    is_connected: bool
    is_chosen: bool


def choices(asked: ConsentRequest) -> list[Choice]:
    """Return the accounts to choose from; the first one that is not connected yet is chosen."""
    connector = find_connector(asked.connector)
    names = connector.accounts_for(asked.data)
    connected = set(
        Account.objects.filter(
            user=asked.user, connector=connector.id, credentials__isnull=False
        ).values_list("name", flat=True)
    )
    chosen = next((name for name in names if name not in connected), names[0])
    return [Choice(name, name in connected, name == chosen) for name in names]
