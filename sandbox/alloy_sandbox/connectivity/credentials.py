"""Connecting accounts, and what that leaves behind: credentials."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from alloy_sandbox.connectivity.catalogue import find_connector
from alloy_sandbox.connectivity.connector import Connector
from alloy_sandbox.core.errors import NotFound
from alloy_sandbox.core.models import Account, ConsentRequest, Credential, User


def credentials_of(connector: Connector, user: User | None) -> QuerySet[Credential]:
    """Return the connector's credentials, the newest last: one user's, or without a user all."""
    found = Credential.objects.filter(type=connector.credential_type)
    return found if user is None else found.filter(user=user)


def ask_consent(*, user: User, connector: Connector, redirect_uri: str, data: Any) -> str:
    """Return the address of a new consent page, to send the user's browser to."""
    asked = ConsentRequest.objects.create(
        token=secrets.token_urlsafe(32),
        user=user,
        connector=connector.id,
        redirect_uri=redirect_uri,
        data=data,
    )
    query = urlencode({"userId": user.user_id, "redirectUri": redirect_uri, "token": asked.token})
    path = f"/api/strategy/connector/{connector.id}/authorize"
    return f"{settings.SANDBOX_ORIGIN}{path}?{query}"


@transaction.atomic
def connect_account(
    *, user: User, connector: Connector, name: str, data: dict[str, Any] | None = None
) -> Credential:
    """Make a credential for the user's account of that name, which comes to life at its first use.

    Connecting the same account again makes another credential for the same contents.
    """
    account, is_new = Account.objects.get_or_create(user=user, connector=connector.id, name=name)
    if is_new:
        connector.furnish(account)
    return Credential.objects.create(
        user=user,
        type=connector.credential_type,
        name=f"{name}'s {connector.name} Credential",
        data=data or {},
        account=account,
    )


@transaction.atomic
def answer_consent(*, asked: ConsentRequest, account_name: str | None) -> None:
    """Allow with the chosen account, or deny without one. Only the first answer counts."""
    asked = ConsentRequest.objects.get(pk=asked.pk)
    if asked.outcome:
        return
    if account_name is None:
        asked.outcome = ConsentRequest.Outcome.DENIED
    else:
        asked.outcome = ConsentRequest.Outcome.ALLOWED
        connector = find_connector(asked.connector)
        connect_account(user=asked.user, connector=connector, name=account_name, data=asked.data)
    asked.save(update_fields=["outcome"])


def revoke(*, credentials: QuerySet[Credential], credential_id: str) -> None:
    """Delete one of these credentials; what is in its account stays. Raises `NotFound`."""
    deleted, _ = credentials.filter(pk=credential_id).delete()
    if not deleted:
        raise NotFound("Credential")
