"""Answers as Alloy's documents and SDKs show them, in all the shapes they disagree on."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_WORKFLOW: Json = {
    "workflowId": "63ea75a2fcf2e2c72e805ddc",
    "name": "Order status sync",
    "installed": True,
    "version": 2,
    "installedVersion": 1,
    "active": True,
}
_BLOCK: Json = {
    "name": "Custom Event",
    "id": "bc9202b2-8e7e-47d4-9416-5ba6b319fa2a",
    "icon": "https://cdn.runalloy.com/icons/app-event.svg",
}
_INTEGRATION: Json = {
    "integrationId": "63ea758e82c3074141968bb9",
    "installed": False,
    "icon": "https://cdn.runalloy.com/icons/bigcommerce.png",
}
INTEGRATION_2023: Json = {
    **_INTEGRATION,
    "app": "BigCommerce",
    "workflows": [{**_WORKFLOW, "blocks": [{**_BLOCK, "type": "customEvent"}]}],
}
_CONNECTOR: Json = {**_BLOCK, "connector": "customEvent", "subtitle": "Fulfillment Updated"}
INTEGRATION_2025: Json = {
    **_INTEGRATION,
    "primaryConnector": "BigCommerce",
    "description": "Orders, both ways",
    "credentials": ["bigcommerce"],
    "workflows": [{**_WORKFLOW, "connectors": [_CONNECTOR]}],
}

_RUN: Json = {
    "executionId": "uGmauA50FBlibba3JkPfB",
    "startedAt": "2024-11-15T17:57:42.233Z",
    "stoppedAt": "2024-11-15T17:57:42.847Z",
}
_STEP: Json = {
    "startedAt": "2024-11-15T17:57:42.300Z",
    "stoppedAt": "2024-11-15T17:57:42.400Z",
}
_ITEM: Json = {"json": {"orderId": "1"}, "id": "1e2ef00f"}
EXECUTION_2025: Json = {
    **_RUN,
    "finished": True,
    "results": [{**_STEP, "connectorId": "6ad63c40", "data": [[_ITEM]]}],
    "inputs": [{"connectorId": "6ad63c40", "data": {}}],
}
EXECUTION_OLDER: Json = {
    **_RUN,
    "status": "success",
    "results": [{**_STEP, "blockId": "6ad63c40", "data": [_ITEM]}],
    "inputs": [{"blockId": "6ad63c40", "data": {}}],
}

_DATES: Json = {"createdAt": "2023-11-03T18:02:28.296Z", "updatedAt": "2023-11-03T18:02:28.296Z"}
WORKFLOW: Json = {
    **INTEGRATION_2023["workflows"][0],
    **_DATES,
    "integrationId": "63ea758e82c3074141968bb9",
}
VERSION: Json = {
    "versionId": "665d97562d8169fd95cc8ca2",
    "versionName": "Version 2",
    "lastModified": "2024-09-17T22:12:34.567Z",
    "status": "released",
}
USER: Json = {
    "userId": "6323d7c9122ae69742a5d0a2",
    "username": "jane@example.com",
    "fullName": "Jane",
}
CREDENTIAL: Json = {
    **_DATES,
    "credentialId": "66fb066c2d8169fd95cc8ca2",
    "type": "bigcommerce",
    "name": "Jane's store",
}
EVENT: Json = {
    "name": "Fulfillment Updated",
    "description": "",
    "body": {"orderId": "String", "status": "String"},
}
ERROR: Json = {
    "workflowId": "63ea75a2fcf2e2c72e805ddc",
    "block": "bigcommerce",
    "errorOccurredAt": "2024-09-17T22:12:34.567Z",
    "message": "Request failed with status code 403",
}
