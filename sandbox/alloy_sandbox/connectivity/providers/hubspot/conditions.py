"""Which contacts a search is for."""

from __future__ import annotations

from collections.abc import Callable

from alloy_sandbox.connectivity.providers.hubspot.bodies import ContactSearch, Filter, Properties
from alloy_sandbox.core.models import HubspotContact


def is_meant(contact: HubspotContact, search: ContactSearch) -> bool:
    """Whether the words are in the contact, and all filters of one of the groups hold."""
    values = {**contact.properties, "hs_object_id": str(contact.pk)}
    if search.query.lower() not in " ".join(filter(None, values.values())).lower():
        return False
    groups = search.filter_groups
    return not groups or any(all(_holds(values, one) for one in each.filters) for each in groups)


def _holds(values: Properties, wanted: Filter) -> bool:
    value = (values.get(wanted.property_name) or "").lower()
    limit = wanted.value.lower()
    holds: dict[str, Callable[[], bool]] = {
        "EQ": lambda: value == limit,
        "NEQ": lambda: value != limit,
        "CONTAINS_TOKEN": lambda: limit.strip("*") in value,
        "HAS_PROPERTY": lambda: bool(value),
        "NOT_HAS_PROPERTY": lambda: not value,
        "IN": lambda: value in {each.lower() for each in wanted.values},
    }
    return holds[wanted.operator]()
