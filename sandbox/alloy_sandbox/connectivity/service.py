"""A service behind a connector: its actions, its words, and what is in an account there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, get_type_hints

from django.conf import settings
from django.db.models import QuerySet
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.alias_generators import to_camel

from alloy_sandbox.core.api import Json
from alloy_sandbox.core.catalogue import ActionEntry, ConnectorEntry
from alloy_sandbox.core.errors import ServiceError
from alloy_sandbox.core.models import Account, Item

IN_PATH = re.compile(r"{(\w+)}")
LONGEST_CURSOR = 9

Run = TypeVar("Run", bound=Callable[..., Json])


class Camel(BaseModel):
    """What an action takes, where the service writes camelCase."""

    model_config = ConfigDict(alias_generator=to_camel)


class Refusal(Exception):
    """What a service refuses, before it is put into the service's words.

    `reason` is the service's own name for it, `more` what else it tells.
    """

    def __init__(self, status: int, message: str = "", reason: str = "", **more: str) -> None:
        super().__init__(message)
        self.status, self.message, self.reason, self.more = status, message, reason, more


@dataclass(frozen=True)
class Action:
    """One action: the service's own endpoint, and what stands in for it.

    `run(account, ...)` gets by keyword the path's parameters as texts and, where the action has
    them, `body` and `query` as parsed models. It returns the service's JSON or raises `Refusal`.
    """

    id: str
    name: str
    resource: str
    method: str
    path: str
    run: Callable[..., Json]

    @cached_property
    def takes(self) -> dict[str, type[BaseModel]]:
        """The models of `body` and `query`, of those that it has."""
        hints = get_type_hints(self.run)
        return {name: hints[name] for name in ("body", "query") if name in hints}

    @property
    def description(self) -> str:
        """What the action does, in a sentence."""
        said = (self.run.__doc__ or "").strip().partition("\n\n")[0]
        return " ".join(said.split()) or f"{self.name}."

    @property
    def path_parameters(self) -> list[str]:
        return IN_PATH.findall(self.path)


def action(action_id: str, name: str, resource: str, endpoint: str) -> Callable[[Run], Run]:
    """Make a method of a service an action; `endpoint` is such as `GET /v1/pages/{page_id}`."""

    def mark(run: Run) -> Run:
        method, path = endpoint.split(" ")
        told = {"id": action_id, "name": name, "resource": resource, "method": method}
        run.action = {**told, "path": path}  # type: ignore[attr-defined]
        return run

    return mark


class Service:
    """What stands behind a connector; this one has the actions that its declaration says.

    A connector without actions is there by name only. `wording` is how the service says what is
    wrong with a body or a query.
    """

    wording = "{where}: {problem}"

    def __init__(self, entry: ConnectorEntry) -> None:
        self.entry = entry
        mine = [getattr(self, name) for name, each in vars(type(self)).items() if is_action(each)]
        marked = [Action(**each.action, run=each) for each in mine]
        self.actions = {each.id: each for each in [*map(_declared_action, entry.actions), *marked]}

    @property
    def id(self) -> str:
        return self.entry.id

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def icon(self) -> str:
        return self.entry.id.lower()

    @property
    def credential_type(self) -> str:
        return f"{self.entry.id}-{self.entry.authentication}"

    def accounts_for(self, data: Json) -> list[str]:
        """Return the names of the accounts to choose from, or of the one that was named before."""
        field = self.entry.account_field
        return [str(data[field])] if field else self.entry.accounts

    def failure(
        self, status: int, message: str = "", reason: str = "", **more: str
    ) -> ServiceError:
        """Return the service's error with this status: what is usual of it, unless said otherwise.

        `reason` is the service's own name for what is wrong.
        """
        nothing = (reason, f"The service answered {status}")
        usual = self.entry.errors.get(status) or self.entry.errors.get(500, nothing)
        message = message or usual[1]
        body = self.error_body(status, message, reason or usual[0], **more)
        return ServiceError(status, message, body)

    def error_body(self, status: int, message: str, reason: str, **more: str) -> Json:
        """Return the body of an error, as the service writes it."""
        return {"message": message}

    def misunderstood(self, error: ValidationError) -> Refusal:
        """Return how the service refuses a body or a query that it cannot read."""
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        return Refusal(400, self.wording.format(where=where, problem=first["msg"]))

    def answer(self, action: Action, account: Account, given: Json) -> Json:
        """Run an action, and return the service's answer."""
        return action.run(account, **given)

    def check(self, body: Json) -> None:
        """Raise `Refusal` for a body beyond the service's limits."""

    def furnish(self, account: Account) -> None:
        """Put into a new account what a new account has."""

    def contents(self, account: Account) -> Json:
        """Return everything that is in an account, by kind, as the service's JSON."""
        return {}

    def shown(self, account: Account) -> list[Json]:
        """Return what people are shown of an account, the newest first.

        Each is {"title", "details", "at"?, "badge"?, "text"?, "page"?}: `page` is an item that can
        be opened.
        """
        return []


def is_action(attribute: Any) -> bool:
    return hasattr(attribute, "action")


def of_kind(account: Account, kind: str) -> Any:
    """Return the items of a kind in an account, the last edited first."""
    found = account.items.filter(kind=kind).select_related("parent")
    return found.order_by("-edited_at", "-created_at")


def one_page(rows: QuerySet[Item] | list[Item], cursor: str, size: int) -> tuple[list[Item], str]:
    """Return the rows of one page, and the cursor of the next one, empty for none.

    A cursor is a place in the list; what is none of ours begins anew.
    """
    start = int(cursor[:LONGEST_CURSOR]) if cursor.isdecimal() else 0
    end = start + size
    found = list(rows[start : end + 1])
    return found[:size], str(end) if len(found) > size else ""


def shown_at(place: str) -> str:
    """Return an address for people: in the sandbox's own dashboard, since no service has such."""
    return f"{settings.SANDBOX_ORIGIN}/dashboard/services/{place}"


def _declared_action(entry: ActionEntry) -> Action:
    """Return an action that takes what was declared, and always answers the same."""

    def answer(account: Account, **given: Any) -> Json:
        return entry.answer

    takes = {"body": entry.body, "query": entry.query}
    answer.__annotations__ = {
        name: _model(name.capitalize(), each) for name, each in takes.items() if each is not None
    }
    name = entry.name or entry.id
    return Action(entry.id, name, entry.resource, entry.method, entry.path, answer)


def _model(name: str, takes: dict[str, str]) -> type[BaseModel]:
    fields: Json = {
        each.removesuffix("?"): (Any, Field(... if each[-1:] != "?" else None, description=says))
        for each, says in takes.items()
    }
    return create_model(name, __config__=ConfigDict(extra="allow"), **fields)
