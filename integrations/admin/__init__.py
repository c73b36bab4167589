"""What an operator sees of the traffic with Alloy, and can do about it.

Everything here is read-only history with a few buttons; what the buttons do is in the services.
Other apps' admin modules may use `HistoryAdmin`, `BoundedChoices`, `ChosenRow`, `link`, `listed`
and `moment`, so that an operator finds all pages alike.
"""

from integrations.admin import (
    circuit,
    groups,
    inbox,
    outbox,
    snapshots,
    tenancy,
)
from integrations.admin.actions import OperatorAdmin
from integrations.admin.columns import column
from integrations.admin.display import block, moment, reason
from integrations.admin.filters import BoundedChoices, ChosenRow, OfTenant
from integrations.admin.history import HistoryAdmin, row_shown
from integrations.admin.links import link, listed
from integrations.admin.search import by_number, by_tenant

__all__ = [
    "BoundedChoices",
    "ChosenRow",
    "HistoryAdmin",
    "OfTenant",
    "OperatorAdmin",
    "block",
    "by_number",
    "by_tenant",
    "circuit",
    "column",
    "groups",
    "inbox",
    "link",
    "listed",
    "moment",
    "outbox",
    "reason",
    "row_shown",
    "snapshots",
    "tenancy",
]
