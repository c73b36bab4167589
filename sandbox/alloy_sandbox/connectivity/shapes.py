"""The Connectivity API's JSON. Nothing of it is wrapped in `data`."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from alloy_sandbox.connectivity.connector import Action, Connector
from alloy_sandbox.connectivity.errors import Json
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


def action_json(action: Action) -> Json:
    """The action with the schema of what it takes, as an OpenAPI operation has it."""
    parameters = [
        _parameter(name, "path", True, {"type": "string"}) for name in action.path_parameters
    ]
    if action.query:
        parameters += _query_parameters(action.query)
    described: Json = {
        "id": action.id,
        "displayName": action.name,
        "httpMethod": action.method,
        "path": action.path,
        "parameters": parameters,
    }
    if action.body:
        schema = action.body.model_json_schema()
        described["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return described


def _query_parameters(query: type[BaseModel]) -> list[Json]:
    schema = query.model_json_schema()
    required = schema.get("required", [])
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
        "userId": {"type": "string"},
        "authenticationType": {"const": connector.authentication},
    }
    sample: Json = {"userId": "{{userId}}", "authenticationType": connector.authentication}
    required = list(properties)
    if connector.authentication == "oauth2":
        properties["redirectUri"] = {"type": "string", "format": "uri"}
        sample["redirectUri"] = "{{redirectUri}}"
        required.append("redirectUri")
    if connector.data_fields:
        properties["data"] = _data_schema(connector)
        sample["data"] = {name: f"{{{{{name}}}}}" for name in connector.data_fields}
        required.append("data")
    return {
        "authenticationType": connector.authentication,
        "authConfigRequired": False,
        "inputSchema": {"type": "object", "properties": properties, "required": required},
        "sampleInput": sample,
    }


def _data_schema(connector: Connector) -> Json:
    described: dict[str, Any] = {
        name: {"type": "string", "description": description}
        for name, description in connector.data_fields.items()
    }
    return {"type": "object", "properties": described, "required": list(described)}


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
