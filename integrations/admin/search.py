"""Searches by whole values that have an index, so that they are quick however large the table."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.db.models import Q
from django.http import HttpRequest

from integrations import conf

MOST_TENANTS = 100


def by_number(term: str) -> Q:
    """Match the row with this number."""
    return Q(pk=int(term)) if term.isdecimal() and len(term) < 19 else Q(pk__in=[])


def by_uid(term: str) -> Q:
    """Match the row with this unique id."""
    try:
        return Q(uid=UUID(term))
    except ValueError:
        return Q(pk__in=[])


def by_tenant(request: HttpRequest, term: str) -> Q:
    """Match the rows of the tenants that the tenants' own admin page finds for the term."""
    tenants: Any = apps.get_model(conf.tenant_model())
    try:
        tenant_admin = admin.site.get_model_admin(tenants)
    except NotRegistered:
        return Q(pk__in=[])
    everybody = tenants._default_manager.order_by("pk")
    found, _ = tenant_admin.get_search_results(request, everybody, term)
    return Q(tenant__in=list(found.values_list("pk", flat=True)[:MOST_TENANTS]))
