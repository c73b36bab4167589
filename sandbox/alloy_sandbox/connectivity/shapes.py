"""The Connectivity API's JSON. Nothing of it is wrapped in `data`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from alloy_sandbox.connectivity.connector import Action, Connector
from alloy_sandbox.connectivity.errors import Json
from alloy_sandbox.connectivity.schemas import inline_schema, spoken
from alloy_sandbox.core.http import moment
from alloy_sandbox.core.models import Credential


def connector_json(connector: Connector) -> Json:
    return {
        "id": connector.id,
        "name": connector.name,
        "category": list(connector.categories),
        "icon": connector.icon_url,
    }


def resources_json(connector: Connector) -> list[Json]:
    """The connector's actions, gathered by what they are about, in the order they are declared."""
    gathered: dict[str, list[Json]] = {}
    for action in connector.actions:
        gathered.setdefault(action.resource, []).append(action_in_list_json(action))
    return [
        {"name": name.lower().replace(" ", "-"), "displayName": name, "actions": actions}
        for name, actions in gathered.items()
    ]


def action_in_list_json(action: Action) -> Json:
    return {"id": action.id, "name": action.id, "displayName": action.name}


def action_json(action: Action, headers: Mapping[str, str]) -> Json:
    """The action, with where each thing goes; `requestBody` is itself the schema of the body."""
    parameters = [
        _parameter(name, "path", True, {"type": "string", "description": f"The {spoken(name)}"})
        for name in action.path_parameters
    ]
    parameters += [
        _parameter(name, "header", False, {"type": "string", "description": says})
        for name, says in headers.items()
    ]
    if action.query:
        parameters += _query_parameters(action.query)
    described: Json = {
        "id": action.id,
        "displayName": action.name,
        "description": action.description,
        "httpMethod": action.method.lower(),
        "path": action.path,
        "parameters": parameters,
    }
    if action.body:
        described["requestBody"] = inline_schema(action.body)
    return described


def _query_parameters(query: type[BaseModel]) -> list[Json]:
    schema = inline_schema(query)
    required = schema["required"]
    return [
        _parameter(name, "query", name in required, described)
        for name, described in schema["properties"].items()
    ]


def _parameter(name: str, where: str, required: bool, schema: Json) -> Json:
    return {
        "name": name,
        "in": where,
        "description": schema.get("description", ""),
        "required": required,
        "schema": schema,
    }


def metadata_json(connector: Connector) -> Json:
    """How one's account is connected: what `POST credentials` is to be sent."""
    properties: Json = {
        "userId": {"type": "string", "description": "The id of the user whose account it is"},
        "authenticationType": {
            "type": "string",
            "const": connector.authentication,
            "description": "How the account is connected",
        },
    }
    sample: Json = {"userId": "{{userId}}", "authenticationType": connector.authentication}
    required = list(properties)
    if connector.authentication == "oauth2":
        properties["redirectUri"] = {
            "type": "string",
            "format": "uri",
            "description": "Where the user's browser is sent once they have allowed access",
        }
        sample["redirectUri"] = "{{redirectUri}}"
        required.append("redirectUri")
    if connector.auth_config_required:
        properties["authConfigId"] = {
            "type": "string",
            "description": "The id of the Auth Config that holds your app's client id and secret",
        }
        sample["authConfigId"] = "{{authConfigId}}"
        required.append("authConfigId")
    if connector.data_fields:
        properties["data"] = _data_schema(connector)
        sample["data"] = {name: f"{{{{{name}}}}}" for name in connector.data_fields}
        required.append("data")
    return {
        "authenticationType": connector.authentication,
        "authConfigRequired": connector.auth_config_required,
        "inputSchema": {"type": "object", "properties": properties, "required": required},
        "sampleInput": sample,
    }


def _data_schema(connector: Connector) -> Json:
    described: dict[str, Any] = {
        name: {"type": "string", "description": description}
        for name, description in connector.data_fields.items()
    }
    return {
        "type": "object",
        "description": "What has to be known beforehand",
        "properties": described,
        "required": list(described),
    }


def credential_json(credential: Credential) -> Json:
    """A credential. Which connector it is for shows in its type alone: `connectorId` is null."""
    return {
        "credentialId": credential.credential_id,
        "name": credential.name,
        "type": credential.type,
        "connectorId": None,
        "createdAt": moment(credential.created_at),
        "updatedAt": moment(credential.updated_at),
    }
