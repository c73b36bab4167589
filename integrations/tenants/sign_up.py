"""Sign-up: every tenant gets one Alloy user, however the tenant's row came to be.

The transaction that creates a tenant also writes an `AlloyUser` row and a message to the outbox,
which has `provisioning` create the user at Alloy. Alloy may be down for hours: sign-up succeeds
all the same, and the Alloy user follows.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.signals import post_save
from django.dispatch import receiver

from integrations import conf, database
from integrations.models import AlloyUser
from integrations.models.tenancy import full_name_of, new_username
from integrations.outbox import enqueue


@receiver(post_save, sender=conf.tenant_model())
def provision_new_tenant(
    *, instance: models.Model, created: bool, raw: bool = False, **_signal: Any
) -> None:
    """Ask for an Alloy user in the same transaction in which the tenant is created.

    Not for the `raw` rows of a fixture: a backup brings its Alloy users along.
    """
    if created and not raw:
        provision(tenant=instance)


@database.atomic()
def provision(*, tenant: Any) -> AlloyUser:
    """Make sure that an Alloy user exists or is asked for, in the current environment."""
    alloy_user, created = AlloyUser.objects.get_or_create(
        tenant=tenant,
        environment=conf.environment(),
        defaults={"username": new_username(tenant), "full_name": full_name_of(tenant)},
    )
    if created:
        enqueue_creation(alloy_user)
    return alloy_user


def enqueue_creation(alloy_user: AlloyUser) -> None:
    """Have the outbox create the user at Alloy. Needs a transaction."""
    enqueue(
        group_key=provisioning_group(alloy_user),
        tenant=alloy_user.tenant,
        kind="provision",
        payload={"alloy_user": alloy_user.pk},
    )


def provisioning_group(alloy_user: AlloyUser) -> str:
    """Return the key of the message group that creates, and one day erases, this Alloy user."""
    return f"alloy-user:{alloy_user.pk}"


def alloy_user_of(tenant: Any) -> AlloyUser:
    """Return the tenant's row in this environment; provision the tenant if it has none."""
    return AlloyUser.of(tenant) or provision(tenant=tenant)
