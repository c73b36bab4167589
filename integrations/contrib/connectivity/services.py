"""Connecting an account, and disconnecting it.

Alloy makes the credential while the browser is away and says nothing of it on the way back. So
what there was before is written down first, and the new one is what was not there then.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any

from django.db import IntegrityError
from django.utils import timezone

from integrations import conf, database
from integrations.alloy import BadAnswer, Credential, NotFound, Refused
from integrations.contrib.connectivity.client import Authentication, Connector, connectivity
from integrations.contrib.connectivity.models import ConnectAttempt, Connection
from integrations.contrib.connectivity.selectors import connections_of
from integrations.signals import account_connected
from integrations.tenants.provisioning import user_id_of

Outcome = ConnectAttempt.Outcome

SECONDS_TO_WAIT_FOR_A_CLICK = 5.0
TIME_TO_CONSENT = timedelta(minutes=30)


def authentication_of(connector: Connector) -> Authentication:
    """Return how an account at this service is connected, OAuth first; raises `AlloyError`."""
    client = connectivity().within(SECONDS_TO_WAIT_FOR_A_CLICK)
    ways = client.list_authentications(connector=connector.id)
    ways.sort(key=lambda way: way.authentication_type != "oauth2")
    if not ways:
        raise NotFound(f"Alloy names no way to connect {connector.name}.")
    return ways[0]


def connect_begin(
    *,
    tenant: Any,
    session: str,
    connector: Connector,
    authentication: Authentication,
    answers: Mapping[str, str],
    address_of: Callable[[str], str],
) -> str:
    """Begin to connect an account; return the page to send the browser to.

    `session` names the browser's session, the only one that may finish what it began. `address_of`
    makes the address to return to from a token. Where nobody has to consent, the account is
    connected at once and the page is that address. Raises `AlloyError`.
    """
    client, user_id = connectivity().within(SECONDS_TO_WAIT_FOR_A_CLICK), user_id_of(tenant)
    known = client.list_connector_credentials(connector=connector.id, user_id=user_id)
    token = secrets.token_urlsafe(32)
    ConnectAttempt.objects.create(
        tenant=tenant,
        environment=conf.environment(),
        connector=connector.id,
        connector_name=connector.name or connector.id,
        digest=digest(token),
        session_digest=digest(session),
        known=[credential.credential_id for credential in known],
        expires_at=timezone.now() + TIME_TO_CONSENT,
    )
    new = client.create_credential(
        connector=connector.id,
        user_id=user_id,
        authentication_type=authentication.authentication_type,
        redirect_uri=address_of(token) if authentication.authentication_type == "oauth2" else "",
        data=answers,
    )
    if new.oauth_url is None:
        return address_of(token)
    url = new.oauth_url.get_secret_value()
    if not conf.account().hosts.include(url):
        raise BadAnswer("Alloy named a consent page that is not at Alloy.")
    return url


def connect_finish(*, attempt: ConnectAttempt) -> ConnectAttempt:
    """Look for the credential that the consent made, and make it a connection.

    Its outcome stays open where Alloy does not list the credential yet: ask again a little later.
    Safe to call twice at once. Raises `AlloyError`.
    """
    found = (
        connectivity()
        .within(SECONDS_TO_WAIT_FOR_A_CLICK)
        .list_connector_credentials(connector=attempt.connector, user_id=user_id_of(attempt.tenant))
    )
    ids = [credential.credential_id for credential in found]
    taken = Connection.objects.filter(environment=attempt.environment, credential_id__in=ids)
    not_new = {*attempt.known, *taken.values_list("credential_id", flat=True)}
    new = [credential for credential in found if credential.credential_id not in not_new]
    with suppress(IntegrityError):  # another request, at the same time, was quicker
        _claim(attempt, new)
    attempt.refresh_from_db()
    return attempt


@database.atomic()
def connect_denied(*, attempt: ConnectAttempt) -> None:
    """Record that the merchant or the service refused; an outcome never changes."""
    ConnectAttempt.objects.filter(pk=attempt.pk, outcome=Outcome.OPEN).update(
        outcome=Outcome.DENIED, used_at=timezone.now()
    )
    attempt.refresh_from_db()


def connection_remove(*, connection: Connection) -> None:
    """Disconnect an account, at Alloy first. One that is gone already counts as disconnected.

    Raises `AlloyError`; then nothing has changed here.
    """
    ignored = (NotFound,) if connection.is_alive else (NotFound, Refused)
    with suppress(*ignored):
        connectivity().within(SECONDS_TO_WAIT_FOR_A_CLICK).delete_connector_credential(
            connector=connection.connector,
            user_id=user_id_of(connection.tenant),
            credential_id=connection.credential_id,
        )
    connection.delete()


def connections_check(*, tenant: Any) -> None:
    """Find out which accounts Alloy still has; one call for each service. Raises `AlloyError`."""
    client, user_id = connectivity().within(SECONDS_TO_WAIT_FOR_A_CLICK), user_id_of(tenant)
    mine = connections_of(tenant)
    for connector in sorted(set(mine.values_list("connector", flat=True))):
        # Read first: an account that is connected while Alloy answers is not in the answer.
        known = dict(mine.filter(connector=connector).values_list("credential_id", "pk"))
        listed = client.list_connector_credentials(connector=connector, user_id=user_id)
        there = {each.credential_id for each in listed} & known.keys()
        gone = [pk for credential_id, pk in known.items() if credential_id not in there]
        mine.filter(credential_id__in=there).update(gone_at=None)
        mine.filter(pk__in=gone, gone_at=None).update(gone_at=timezone.now())


def connection_is_gone(*, connection: Connection) -> None:
    """Write down that Alloy no longer has the credential; the row may be gone as well."""
    Connection.objects.filter(pk=connection.pk).update(gone_at=timezone.now())


def digest(secret: str) -> str:
    """Return what is kept of a secret that is long and random: it cannot be guessed from this."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


@database.atomic()
def _claim(attempt: ConnectAttempt, new: list[Credential]) -> None:
    attempt = ConnectAttempt.objects.select_for_update().get(pk=attempt.pk)
    if attempt.outcome or not new:
        return
    connection = Connection.objects.create(
        tenant=attempt.tenant,
        environment=attempt.environment,
        connector=attempt.connector,
        credential_id=new[0].credential_id,
        name=_free_name(attempt),
    )
    attempt.connection, attempt.outcome = connection, Outcome.CONNECTED
    attempt.used_at = timezone.now()
    attempt.save(update_fields=["connection", "outcome", "used_at"])
    account_connected.send(sender=Connection, connection=connection)


def _free_name(attempt: ConnectAttempt) -> str:
    """Return "Notion", or "Notion 2" where there is one: Alloy gives all accounts one name."""
    taken = set(connections_of(attempt.tenant).values_list("name", flat=True))
    name = attempt.connector_name[:100]
    names = (name if number == 1 else f"{name} {number}" for number in count(1))
    return next(each for each in names if each not in taken)
