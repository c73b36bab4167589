"""Connectors that the ISV declared: an action takes what was said, and always answers the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from alloy_sandbox.connectivity.connector import Action, Connector
from alloy_sandbox.connectivity.errors import Json, ProviderError
from alloy_sandbox.core.catalogue import ActionEntry, ConnectorEntry
from alloy_sandbox.core.models import Account, DeclaredConnector


def declared_connectors() -> list[Connector]:
    """Return the connectors as they are declared now."""
    return [
        _connector(ConnectorEntry.model_validate(each.declaration))
        for each in DeclaredConnector.objects.all()
    ]


def _connector(entry: ConnectorEntry) -> Connector:
    return Connector(
        id=entry.id,
        name=entry.name,
        categories=tuple(entry.categories),
        icon=entry.id.lower(),
        authentication=entry.authentication,
        data_fields=entry.data,
        accounts=tuple(entry.accounts),
        actions=tuple(_action(each) for each in entry.actions),
        refuse=_refuse,
        failure=_failure,
    )


def _action(entry: ActionEntry) -> Action:
    def answer(account: Account, **given: Any) -> Json:
        return entry.answer

    return Action(
        id=entry.id,
        name=entry.name or entry.id,
        resource=entry.resource,
        method=entry.method,
        path=entry.path,
        run=answer,
        body=None if entry.body is None else _model("Body", entry.body),
        query=None if entry.query is None else _model("Query", entry.query),
    )


def _model(name: str, takes: Mapping[str, str]) -> type[BaseModel]:
    fields: dict[str, Any] = {
        each.removesuffix("?"): (Any, Field(... if each[-1:] != "?" else None, description=says))
        for each, says in takes.items()
    }
    return create_model(name, __config__=ConfigDict(extra="allow"), **fields)


def _refuse(error: ValidationError) -> ProviderError:
    first = error.errors()[0]
    message = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return ProviderError(400, message, {"message": message})


def _failure(status: int, reason: str) -> ProviderError:
    message = reason or f"The service answered {status}"
    return ProviderError(status, message, {"message": message})
