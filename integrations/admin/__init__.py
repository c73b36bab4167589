"""What an operator sees of the traffic with Alloy, and can do about it.

Everything here is read-only history with a few buttons; what the buttons do is in the services.
Other apps' admin modules may use `HistoryAdmin`, `BoundedChoices`, `ChosenRow`, `link`, `listed`
and `moment`, so that an operator finds all pages alike.
"""

from integrations.admin import (
    circuit,
    connections,
    doctor,
    erasures,
    failures,
    groups,
    inbox,
    install_links,
    outbox,
    snapshots,
    tenancy,
)
from integrations.admin.display import moment
from integrations.admin.filters import BoundedChoices, ChosenRow
from integrations.admin.history import HistoryAdmin
from integrations.admin.links import link, listed

__all__ = [
    "BoundedChoices",
    "ChosenRow",
    "HistoryAdmin",
    "circuit",
    "connections",
    "doctor",
    "erasures",
    "failures",
    "groups",
    "inbox",
    "install_links",
    "link",
    "listed",
    "moment",
    "outbox",
    "snapshots",
    "tenancy",
]
