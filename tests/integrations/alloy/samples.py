"""Answers as Alloy's documents and SDKs show them, in all the shapes they disagree on."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

INTEGRATION_2023: Json = {
    "integrationId": "63ea758e82c3074141968bb9",
    "app": "BigCommerce",
    "installed": False,
    "icon": "https://cdn.runalloy.com/icons/bigcommerce.png",
    "workflows": [
        {
            "workflowId": "63ea75a2fcf2e2c72e805ddc",
            "name": "Order status sync",
            "installed": True,
            "version": 2,
            "installedVersion": 1,
            "active": True,
            "blocks": [
                {
                    "name": "Custom Event",
                    "id": "bc9202b2-8e7e-47d4-9416-5ba6b319fa2a",
                    "type": "customEvent",
                    "icon": "https://cdn.runalloy.com/icons/app-event.svg",
                }
            ],
        }
    ],
}

INTEGRATION_2025: Json = {
    "integrationId": "63ea758e82c3074141968bb9",
    "description": "Orders, both ways",
    "primaryConnector": "BigCommerce",
    "installed": False,
    "icon": "https://cdn.runalloy.com/icons/bigcommerce.png",
    "credentials": ["bigcommerce"],
    "workflows": [
        {
            "workflowId": "63ea75a2fcf2e2c72e805ddc",
            "name": "Order status sync",
            "installed": True,
            "version": 2,
            "installedVersion": 1,
            "active": True,
            "connectors": [
                {
                    "name": "Custom Event",
                    "id": "bc9202b2-8e7e-47d4-9416-5ba6b319fa2a",
                    "connector": "customEvent",
                    "icon": "https://cdn.runalloy.com/icons/app-event.svg",
                    "subtitle": "Fulfillment Updated",
                }
            ],
        }
    ],
}

EXECUTION_2025: Json = {
    "executionId": "uGmauA50FBlibba3JkPfB",
    "startedAt": "2024-11-15T17:57:42.233Z",
    "stoppedAt": "2024-11-15T17:57:42.847Z",
    "finished": True,
    "results": [
        {
            "startedAt": "2024-11-15T17:57:42.300Z",
            "stoppedAt": "2024-11-15T17:57:42.400Z",
            "connectorId": "6ad63c40",
            "data": [[{"json": {"orderId": "1"}, "id": "1e2ef00f"}]],
        }
    ],
    "inputs": [{"connectorId": "6ad63c40", "data": {}}],
}

EXECUTION_OLDER: Json = {
    "executionId": "uGmauA50FBlibba3JkPfB",
    "startedAt": "2024-11-15T17:57:42.233Z",
    "stoppedAt": "2024-11-15T17:57:42.847Z",
    "status": "success",
    "results": [
        {
            "startedAt": "2024-11-15T17:57:42.300Z",
            "stoppedAt": "2024-11-15T17:57:42.400Z",
            "blockId": "6ad63c40",
            "data": [{"json": {"orderId": "1"}, "id": "1e2ef00f"}],
        }
    ],
    "inputs": [{"blockId": "6ad63c40", "data": {}}],
}

WORKFLOW: Json = {
    **INTEGRATION_2023["workflows"][0],
    "integrationId": "63ea758e82c3074141968bb9",
    "createdAt": "2023-11-03T18:02:28.296Z",
    "updatedAt": "2023-11-03T18:02:28.296Z",
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
    "credentialId": "66fb066c2d8169fd95cc8ca2",
    "type": "bigcommerce",
    "name": "Jane's store",
    "createdAt": "2024-09-17T22:12:34.567Z",
    "updatedAt": "2024-09-17T22:12:34.567Z",
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
