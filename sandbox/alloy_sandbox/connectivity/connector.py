"""What a connector is: a service, its actions, and how one's account there is connected."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from pydantic import BaseModel, ValidationError

from alloy_sandbox.connectivity.errors import Json, ProviderError
from alloy_sandbox.core.models import Account

IN_PATH = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class Action:
    """One action: the service's own endpoint, and what stands in for it.

    `run(account, ...)` gets by keyword the path's parameters as texts and, where the action has
    them, `body` and `query` as parsed models. It returns the service's JSON or raises
    `ProviderError`.
    """

    id: str
    name: str
    resource: str
    method: str
    path: str
    run: Callable[..., Json]
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None

    @property
    def description(self) -> str:
        """What the action does, in a sentence."""
        said = (self.run.__doc__ or "").strip().partition("\n\n")[0]
        return " ".join(said.split()) or f"{self.name}."

    @property
    def path_parameters(self) -> list[str]:
        return IN_PATH.findall(self.path)


def _never_wrong(error: ValidationError) -> ProviderError:
    raise NotImplementedError("A connector with actions says how its service refuses") from error


def _take(body: Json) -> None:
    """Take a body of any size."""


def _empty(account: Account) -> None:
    """Leave a new account empty."""


@dataclass(frozen=True)
class Connector:
    """A service that can be connected to.

    `data_fields`: {name: description} of what has to be known beforehand, such as a shop's name;
    `account_field` is the one that names the account. `permissions` are what the consent page asks
    for, `accounts` those it offers to choose from.

    `headers`: {name: description} of those that the service reads besides. A connector whose
    `auth_config_required` has no app of Alloy's own at the service.

    `refuse` words a wrong body as the service does; `failure` a status that is to be imitated, for
    the reason given. `check` raises the service's error for a body beyond its limits.
    `furnish` fills a new account, `contents` returns what is in one. A connector without actions
    is there by name only.
    """

    id: str
    name: str
    categories: tuple[str, ...]
    icon: str
    authentication: str = "oauth2"
    data_fields: Mapping[str, str] = field(default_factory=dict)
    account_field: str = ""
    permissions: tuple[str, ...] = ("Read and change what is in the account",)
    accounts: tuple[str, ...] = ("Acme", "Acme Europe", "Personal")
    actions: tuple[Action, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    auth_config_required: bool = False
    refuse: Callable[[ValidationError], ProviderError] = _never_wrong
    failure: Callable[[int, str], ProviderError] | None = None
    check: Callable[[Json], None] = _take
    furnish: Callable[[Account], None] = _empty
    contents: Callable[[Account], Json] = lambda account: {}

    @property
    def icon_url(self) -> str:
        return f"{settings.SANDBOX_ORIGIN}/icons/{self.icon}.svg"

    @property
    def credential_type(self) -> str:
        return f"{self.id}-{self.authentication}"

    def accounts_for(self, data: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the names of the accounts to choose from, or of the one that was named before."""
        return (str(data[self.account_field]),) if self.account_field else self.accounts
