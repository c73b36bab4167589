"""Whom a link is for: a tenant with an e-mail address, made where there is none."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, transaction

from integrations import conf


def find(email: str) -> Any:
    """Return the tenant with this address, whatever its case; None where there is none."""
    tenants: Any = apps.get_model(conf.tenant_model())
    try:
        tenants._meta.get_field("email")
    except FieldDoesNotExist:
        return None
    return tenants._default_manager.filter(email__iexact=email).first()


def make(email: str) -> Any:
    """Make a user without a usable password, who chooses one by resetting it.

    Of two operators who do so at once, both get the same user.
    """
    users: Any = get_user_model()
    names = {users.USERNAME_FIELD: email, users.get_email_field_name(): email}
    try:
        with transaction.atomic():
            return users._default_manager.create_user(**names)
    except IntegrityError:
        return find(email)
