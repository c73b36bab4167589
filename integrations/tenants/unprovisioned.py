"""Finds tenants for whom nobody asked for an Alloy user: bulk inserts, a new key, a killed run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from integrations import conf, database
from integrations.models import AlloyUser, Message, MessageGroup
from integrations.outbox.messages import retry, try_now
from integrations.tenants.sign_up import enqueue_creation, provision, provisioning_group

_LONG_ENOUGH = timedelta(hours=1)
"""A bulk job has enqueued the creation of all its rows by then."""

LOOKED_AT = 100_000
"""How many tenants one run looks at; the next run continues there."""

_seen: dict[str, Any] = {}
"""By database: the key of the last tenant that this process has looked at; None for all."""


def tenants_without_alloy_user() -> QuerySet[Any]:
    """Return the tenants without a row for an Alloy user in this environment."""
    known = AlloyUser.objects.filter(tenant=OuterRef("pk"), environment=conf.environment())
    tenants: QuerySet[Any] = conf.tenant_class()._default_manager.all()
    return tenants.filter(~Exists(known)).order_by("pk")


def provision_some_missing(*, limit: int = 500) -> int:
    """Ask for the Alloy users of up to `limit` such tenants; return how many there were."""
    tenants = _next_without_alloy_user(limit)
    for tenant in tenants:
        provision(tenant=tenant)
    for alloy_user in _rows_without_message()[:limit]:
        with database.atomic():
            enqueue_creation(alloy_user)
    return len(tenants)


def _next_without_alloy_user(limit: int) -> list[Any]:
    """Look at the next `LOOKED_AT` tenants only; start over once all were looked at."""
    everybody = conf.tenant_class()._default_manager.order_by("pk")
    seen = _seen.get(database.alias())
    since = {} if seen is None else {"pk__gt": seen}
    last = everybody.filter(**since).values_list("pk", flat=True)[LOOKED_AT - 1 : LOOKED_AT].first()
    until = {} if last is None else {"pk__lte": last}
    tenants = list(tenants_without_alloy_user().filter(**since, **until)[:limit])
    _seen[database.alias()] = tenants[-1].pk if len(tenants) == limit else last
    return tenants


@database.atomic()
def provision_now(*, alloy_user: AlloyUser) -> bool:
    """Have the Alloy user created now, whatever became of earlier attempts.

    Returns False when there is nothing to do: it exists, its tenant is gone, or it belongs to
    another key's environment, where this key must not create anything.
    """
    is_ours = alloy_user.environment == conf.environment()
    if alloy_user.is_ready or alloy_user.tenant is None or not is_ours:
        return False
    message = Message.objects.filter(
        group__environment=alloy_user.environment,
        group__key=provisioning_group(alloy_user),
        state__in=(Message.State.WAITING, Message.State.DEAD),
    ).first()
    if message is None:
        enqueue_creation(alloy_user)
    elif message.state == Message.State.DEAD:
        retry(message=message)
    else:
        try_now(group=message.group)
    return True


def _rows_without_message() -> QuerySet[AlloyUser]:
    """Return the rows without an Alloy user for which the outbox has no message."""
    rows = AlloyUser.objects.filter(
        environment=conf.environment(),
        user_id="",
        tenant__isnull=False,
        created_at__lt=timezone.now() - _LONG_ENOUGH,
    ).annotate(
        group_key=Concat(Value("alloy-user:"), Cast(F("pk"), CharField()), output_field=CharField())
    )
    asked = MessageGroup.objects.filter(
        environment=OuterRef("environment"), key=OuterRef("group_key")
    )
    return rows.filter(~Exists(asked)).select_related("tenant").order_by("pk")
