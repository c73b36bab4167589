"""What the admin's templates need: how things stand, and how values look."""

from __future__ import annotations

from django import template

from integrations.admin.display import moment, reason
from integrations.admin.operations import Operations, operations

register = template.Library()


@register.simple_tag
def alloy_operations() -> Operations:
    """Return how things stand between us and Alloy."""
    return operations()


register.filter("moment", moment)
register.filter("reason", reason)
