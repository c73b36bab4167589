"""The handles of the Connectivity API: connect, revoke, look into accounts, spoil."""

from __future__ import annotations

from django.http import HttpRequest
from pydantic import Field

from alloy_sandbox.connectivity.catalogue import find_connector
from alloy_sandbox.connectivity.failures import add_failure
from alloy_sandbox.connectivity.providers.notion import trash
from alloy_sandbox.control import services
from alloy_sandbox.control.bodies import HowOften, Strict
from alloy_sandbox.control.selectors import find_page
from alloy_sandbox.control.shapes import fault_json
from alloy_sandbox.core.http import moment
from alloy_sandbox.core.models import Account, Credential
from alloy_sandbox.core.operations import Json, operation
from alloy_sandbox.core.preferences import Preferences, prefer, preferences
from alloy_sandbox.core.selectors import find_user


class ConnectionBody(Strict):
    """`account`: the name of the account to connect; the service's first one by default."""

    connector_id: str
    account: str | None = Field(None, min_length=1, max_length=255)


class PageBody(Strict):
    archived: bool


class FailureBody(HowOften):
    """A failure of the service itself, `reason` in its own words; else the keys of a fault."""

    status: int = Field(ge=200, le=599)
    reason: str = Field("", max_length=100)


class PreferencesBody(Preferences, extra="forbid"):
    """The choices to change."""


@operation("anybody")
def list_connections(request: HttpRequest, user_id: str) -> Json:
    """The user's credentials for connectors, each with the account behind it."""
    found = find_user(user_id).credentials.filter(account__isnull=False).select_related("account")
    return {"data": [_connection_json(each) for each in found]}


@operation("anybody")
def connect(request: HttpRequest, user_id: str, body: ConnectionBody) -> Json:
    """Do what allowing access on the consent page does, without the page."""
    made = services.connect(user_id=user_id, connector_id=body.connector_id, account=body.account)
    return _connection_json(made)


@operation("anybody")
def revoke(request: HttpRequest, user_id: str, name: str) -> Json:
    """Delete the credential of that id; what is in the account stays."""
    services.revoke(user_id=user_id, credential_id=name)
    return {"deleted": 1}


@operation("anybody")
def show_contents(request: HttpRequest, user_id: str, name: str) -> Json:
    """What is in each of the user's accounts at the connector of that id."""
    connector = find_connector(name)
    accounts = Account.objects.filter(user=find_user(user_id), connector=connector.id)
    contents = [
        {"accountId": each.account_id, "account": each.name, **connector.contents(each)}
        for each in accounts
    ]
    return {"data": contents}


@operation("anybody")
def change_page(request: HttpRequest, page_id: str, body: PageBody) -> Json:
    """Move a Notion page to the trash or back, as a person would."""
    trash.set_archived(page=find_page(page_id), archived=body.archived)
    return {"archived": body.archived}


@operation("anybody")
def delete_page(request: HttpRequest, page_id: str) -> Json:
    """Delete a Notion page for good, as a person would."""
    trash.delete_for_good(page=find_page(page_id))
    return {"deleted": 1}


@operation("anybody")
def create_failure(request: HttpRequest, connector_id: str, body: FailureBody) -> Json:
    """Let the service itself fail, in its own words."""
    how = body.model_dump(by_alias=True, exclude={"status"})
    fault = add_failure(connector=find_connector(connector_id), status=body.status, **how)
    return fault_json(fault)


@operation("anybody")
def show_preferences(request: HttpRequest) -> Json:
    return preferences().model_dump(by_alias=True)


@operation("anybody")
def change_preferences(request: HttpRequest, body: PreferencesBody) -> Json:
    chosen = prefer(**body.model_dump(by_alias=True, exclude_unset=True))
    return chosen.model_dump(by_alias=True)


def _connection_json(credential: Credential) -> Json:
    account = credential.account
    return {
        "credentialId": credential.credential_id,
        "type": credential.type,
        "connectorId": account.connector if account else "",
        "accountId": account.account_id if account else "",
        "account": account.name if account else "",
        "createdAt": moment(credential.created_at),
    }
