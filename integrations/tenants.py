"""Sign-up: every tenant is to have one Alloy user, however the tenant's row came to be.

The wish is a row, written in the tenant's own transaction; the outbox has `provisioning` make the
call. Alloy may be down for as long as it likes: sign-up succeeds, and the Alloy user follows.
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
    """Write down, in the same transaction as the new tenant, that an Alloy user is needed.

    Not for the `raw` rows of a fixture: a backup brings its Alloy users along.
    """
    if created and not raw:
        provision(tenant=instance)


@database.atomic()
def provision(*, tenant: Any) -> AlloyUser:
    """Make sure that an Alloy user exists or is on its way, in the current environment."""
    alloy_user, created = AlloyUser.objects.get_or_create(
        tenant=tenant,
        environment=conf.environment(),
        defaults={"username": new_username(tenant), "full_name": full_name_of(tenant)},
    )
    if created:
        enqueue_creation(alloy_user)
    return alloy_user


def enqueue_creation(alloy_user: AlloyUser) -> None:
    """Ask the outbox to create the user at Alloy. Needs a transaction."""
    enqueue(
        group_key=provisioning_group(alloy_user),
        tenant=alloy_user.tenant,
        kind="provision",
        payload={"alloy_user": alloy_user.pk},
    )


def provisioning_group(alloy_user: AlloyUser) -> str:
    """Return the key of the group that the making of an Alloy user waits in."""
    return f"alloy-user:{alloy_user.pk}"


def alloy_user_of(tenant: Any) -> AlloyUser:
    """Return the tenant's row in this environment; a tenant that has none yet is provisioned."""
    known = AlloyUser.objects.filter(tenant=tenant, environment=conf.environment()).first()
    if known is None:
        return provision(tenant=tenant)
    known.tenant = tenant  # at hand already, so nobody has to read it again
    return known
