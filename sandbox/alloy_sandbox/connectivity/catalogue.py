"""Every connector of the sandbox, found by its id."""

from __future__ import annotations

from alloy_sandbox.connectivity.connector import Action, Connector
from alloy_sandbox.connectivity.declared import declared_connectors
from alloy_sandbox.connectivity.errors import UnknownAction, UnknownConnector
from alloy_sandbox.connectivity.providers import (
    google_drive,
    hubspot,
    listed,
    notion,
    shopify,
    slack,
)

ACTING = (
    google_drive.CONNECTOR,
    hubspot.CONNECTOR,
    notion.CONNECTOR,
    shopify.CONNECTOR,
    slack.CONNECTOR,
)
BUILT_IN = {
    connector.id: connector
    for connector in sorted((*ACTING, *listed.CONNECTORS), key=lambda each: each.name)
}


def connectors() -> dict[str, Connector]:
    """Return every connector by its id; one that the ISV declared stands in for ours."""
    declared = {connector.id: connector for connector in declared_connectors()}
    return dict(sorted({**BUILT_IN, **declared}.items(), key=lambda each: each[1].name))


def find_connector(connector_id: str) -> Connector:
    """Return the connector; raises `UnknownConnector`, with a hint when only the case differs."""
    known = connectors()
    if connector_id in known:
        return known[connector_id]
    alike = [each for each in known if each.lower() == connector_id.lower()]
    hint = f": ids are case-sensitive, this one is '{alike[0]}'" if alike else ""
    raise UnknownConnector(f"Connector '{connector_id}' not found{hint}")


def find_action(connector: Connector, action_id: str) -> Action:
    """Return the action; raises `UnknownAction`, saying where the ids are listed."""
    for action in connector.actions:
        if action.id == action_id:
            return action
    if not connector.actions:
        raise UnknownAction(f"The sandbox has {connector.name} by name only: it has no actions")
    raise UnknownAction(
        f"Action '{action_id}' not found: GET /connectors/{connector.id}/resources lists the ids"
    )
