"""Every connector of the sandbox, found by its id; and what the API tells of each."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from alloy_sandbox.connectivity import api
from alloy_sandbox.connectivity.service import Action, Service
from alloy_sandbox.core.api import Json, icon_url
from alloy_sandbox.core.catalogue import ConnectorEntry, read
from alloy_sandbox.core.errors import UnknownAction, UnknownConnector
from alloy_sandbox.core.models import DeclaredConnector

BUILT_IN = Path(__file__).parents[1] / "connectors.yaml"
# The connectors that have a service behind them, each with the class that stands in for it.
SERVICES = {
    "googleDrive": "google_drive.GoogleDrive",
    "hubspot": "hubspot.HubSpot",
    "notion": "notion.Notion",
    "shopify": "shopify.Shopify",
    "slack": "slack.Slack",
}
LEFT_OUT = {"title", "$defs", "additionalProperties", "discriminator", "properties"}


@cache
def built_in() -> dict[str, Service]:
    """Return the connectors that the sandbox has by itself; imported when first asked for."""
    return {each.id: _service_class(each.id)(each) for each in read(BUILT_IN).connectors}


def _service_class(connector_id: str) -> type[Service]:
    if connector_id not in SERVICES:
        return Service
    module, name = SERVICES[connector_id].split(".")
    found: type[Service] = getattr(
        import_module(f"alloy_sandbox.connectivity.services.{module}"), name
    )
    return found


def connectors() -> dict[str, Service]:
    """Return every connector by its id; one that the ISV declared stands in for ours."""
    declared = {
        each.pk: Service(ConnectorEntry.model_validate(each.declaration))
        for each in DeclaredConnector.objects.all()
    }
    return dict(sorted({**built_in(), **declared}.items(), key=lambda each: each[1].name))


def find_connector(connector_id: str) -> Service:
    """Return the connector; raises `UnknownConnector`, with a hint when only the case differs."""
    known = connectors()
    if connector_id in known:
        return known[connector_id]
    alike = [each for each in known if each.lower() == connector_id.lower()]
    hint = f": ids are case-sensitive, this one is '{alike[0]}'" if alike else ""
    raise UnknownConnector(f"Connector '{connector_id}' not found{hint}")


def find_action(connector: Service, action_id: str) -> Action:
    """Return the action; raises `UnknownAction`, saying where the ids are listed."""
    if action_id in connector.actions:
        return connector.actions[action_id]
    if not connector.actions:
        raise UnknownAction(f"The sandbox has {connector.name} by name only: it has no actions")
    raise UnknownAction(
        f"Action '{action_id}' not found: GET /connectors/{connector.id}/resources lists the ids"
    )


@api.get("connectors")
def list_connectors() -> Json:
    """Every connector. Nothing of this API is wrapped in `data`."""
    data = [
        {
            "id": each.id,
            "name": each.name,
            "category": each.entry.categories,
            "icon": icon_url(each.icon),
        }
        for each in connectors().values()
    ]
    return {"connectors": data}


@api.get("connectors/<connector_id>/resources")
def list_resources(connector_id: str) -> Json:
    """The connector's actions, gathered by what they are about, in the order they are declared."""
    gathered: dict[str, list[Json]] = {}
    for action in find_connector(connector_id).actions.values():
        gathered.setdefault(action.resource, []).append(_in_list(action))
    data = [
        {"name": name.lower().replace(" ", "-"), "displayName": name, "actions": actions}
        for name, actions in gathered.items()
    ]
    return {"resources": data}


@api.get("connectors/<connector_id>/actions")
def list_actions(connector_id: str) -> Json:
    actions = find_connector(connector_id).actions.values()
    return {"actions": [_in_list(each) for each in actions]}


def _in_list(action: Action) -> Json:
    return {"id": action.id, "name": action.id, "displayName": action.name}


@api.get("connectors/<connector_id>/actions/<action_id>")
def get_action(connector_id: str, action_id: str) -> Json:
    """The action, with where each thing goes; `requestBody` is itself the schema of the body."""
    connector = find_connector(connector_id)
    action = find_action(connector, action_id)
    described: Json = {
        "id": action.id,
        "displayName": action.name,
        "description": action.description,
        "httpMethod": action.method.lower(),
        "path": action.path,
        "parameters": _parameters(action, connector.entry.headers),
    }
    if "body" in action.takes:
        described["requestBody"] = inline_schema(action.takes["body"])
    return {"action": described}


def _parameters(action: Action, headers: dict[str, str]) -> list[Json]:
    texts = [("path", True, name, f"The {spoken(name)}") for name in action.path_parameters]
    texts += [("header", False, name, says) for name, says in headers.items()]
    found = [
        _parameter(name, where, required, {"type": "string", "description": says})
        for where, required, name, says in texts
    ]
    if "query" in action.takes:
        schema = inline_schema(action.takes["query"])
        for name, described in schema["properties"].items():
            found.append(_parameter(name, "query", name in schema["required"], described))
    return found


def _parameter(name: str, where: str, required: bool, schema: Json) -> Json:
    says = schema.get("description", "")
    return {"name": name, "in": where, "description": says, "required": required, "schema": schema}


@api.get("connectors/<connector_id>/credentials/metadata")
def get_metadata(connector_id: str) -> Json:
    """How one's account is connected: what `POST credentials` is to be sent."""
    entry = find_connector(connector_id).entry
    asked: Json = {
        "userId": {"type": "string", "description": "The id of the user whose account it is"},
        "authenticationType": {
            "type": "string",
            "const": entry.authentication,
            "description": "How the account is connected",
        },
    }
    if entry.authentication == "oauth2":
        says = "Where the user's browser is sent once they have allowed access"
        asked["redirectUri"] = {"type": "string", "format": "uri", "description": says}
    if entry.auth_config_required:
        says = "The id of the Auth Config that holds your app's client id and secret"
        asked["authConfigId"] = {"type": "string", "description": says}
    sample: Json = {name: f"{{{{{name}}}}}" for name in asked}
    sample["authenticationType"] = entry.authentication
    if entry.data:
        described = {name: {"type": "string", "description": d} for name, d in entry.data.items()}
        asked["data"] = {
            "type": "object",
            "description": "What has to be known beforehand",
            "properties": described,
            "required": list(described),
        }
        sample["data"] = {name: f"{{{{{name}}}}}" for name in entry.data}
    schema = {"type": "object", "properties": asked, "required": list(asked)}
    metadata = {
        "authenticationType": entry.authentication,
        "authConfigRequired": entry.auth_config_required,
        "inputSchema": schema,
        "sampleInput": sample,
    }
    return {"metadata": [metadata]}


def inline_schema(model: type[BaseModel]) -> Json:
    """Return a model's JSON Schema in one piece, everything described.

    What contains itself is cut short.
    """
    schema = model.model_json_schema()
    inlined: Json = _inline(schema, schema.get("$defs", {}), ())
    return {"required": [], **inlined}


def spoken(name: str) -> str:
    """Return a name as words: `page_id` and `pageId` are "page id"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[_-]", " ", name).lower()


def _inline(schema: Any, known: Json, inside: tuple[str, ...]) -> Any:
    if isinstance(schema, list):
        return [_inline(each, known, inside) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        rest = {key: each for key, each in schema.items() if key != "$ref"}
        if name in inside:
            return {"type": "object", **rest}
        return {**_inline(known[name], known, (*inside, name)), **rest}
    some = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    if len(some) == 1:
        rest = {key: each for key, each in schema.items() if key != "anyOf"}
        return _inline({**some[0], **rest}, known, inside)
    written = {
        key: _inline(each, known, inside) for key, each in schema.items() if key not in LEFT_OUT
    }
    if "properties" in schema:
        written["properties"] = {
            name: {"description": spoken(name).capitalize(), **_inline(each, known, inside)}
            for name, each in schema["properties"].items()
        }
    return written
