"""The accounts behind the Connectivity API: connect, revoke, look into, change by hand."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from pydantic import Field

from alloy_sandbox.connectivity import credentials
from alloy_sandbox.connectivity.connectors import find_connector
from alloy_sandbox.connectivity.execution import let_fail
from alloy_sandbox.control import api
from alloy_sandbox.control.traffic import fault_json
from alloy_sandbox.core.access import find_user
from alloy_sandbox.core.api import Json, Strict, moment
from alloy_sandbox.core.errors import BadRequest
from alloy_sandbox.core.faults import HowOften
from alloy_sandbox.core.models import Account, Credential, Item
from alloy_sandbox.core.selectors import find


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


@api.get("connections/<user_id>")
def list_connections(user_id: str) -> Json:
    """The user's credentials for connectors, each with the account behind it."""
    found = find_user(user_id).credentials.filter(account__isnull=False).select_related("account")
    return {"data": [_connection_json(each) for each in found]}


@api.post("connections/<user_id>")
def connect(user_id: str, body: ConnectionBody) -> Json:
    """Do what allowing access on the consent page does, without the page."""
    connector, user = find_connector(body.connector_id), find_user(user_id)
    field = connector.entry.account_field
    if field and not body.account:
        raise BadRequest(f"account is required: it is the {field}")
    name = body.account or connector.entry.accounts[0]
    return _connection_json(credentials.connect_account(user=user, connector=connector, name=name))


@api.delete("connections/<user_id>/<name>")
def revoke(user_id: str, name: str) -> Json:
    """Delete the credential of that id; what is in the account stays."""
    mine = find_user(user_id).credentials.filter(account__isnull=False)
    credentials.revoke(credentials=mine, credential_id=name)
    said = "The credential is revoked. Your app finds out at its next call."
    return {"deleted": 1, "message": said}


@api.get("connections/<user_id>/<name>")
def show_contents(user_id: str, name: str) -> Json:
    """What is in each of the user's accounts at the connector of that id."""
    connector = find_connector(name)
    accounts = Account.objects.filter(user=find_user(user_id), connector=connector.id)
    data = [
        {"accountId": each.account_id, "account": each.name, **connector.contents(each)}
        for each in accounts
    ]
    return {"data": data}


@api.put("notion/pages/<uuid:page_id>")
def change_page(page_id: UUID, body: PageBody) -> Json:
    """Move a Notion page to the trash or back, as a person would."""
    page = _page(page_id)
    page.archived = body.archived
    page.save(update_fields=["archived", "edited_at"])
    done = "in the trash. Your app finds out when it writes there again" * body.archived or "back"
    return {"archived": body.archived, "message": f"“{page.title}” is {done}."}


@api.delete("notion/pages/<uuid:page_id>")
@transaction.atomic
def delete_page(page_id: UUID) -> Json:
    """Delete a Notion page for good with everything below it, as a person would."""
    page = _page(page_id)
    page.delete()
    said = f"“{page.title}” is deleted for good. Your app finds out when it writes there again."
    return {"deleted": 1, "message": said}


@api.post("connectors/<connector_id>/failures")
def create_failure(connector_id: str, body: FailureBody) -> Json:
    """Let the service itself fail, in its own words."""
    how = body.model_dump(by_alias=True, exclude={"status"})
    return fault_json(let_fail(find_connector(connector_id), body.status, **how))


def _page(page_id: UUID) -> Item:
    return find("Page", Item.objects.filter(kind="page"), pk=str(page_id))


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
