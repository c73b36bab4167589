"""Files: announced, uploaded past the API, listed and deleted; and calls that pass through."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import quote

import pytest
import requests

from tests.conftest import Json, Sandbox
from tests.connectivity.conftest import Connection

CONTENT = b"%PDF-1.7 made up"
HEX = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


def announce(sandbox: Sandbox, md5: str) -> Json:
    body = {"filename": "notes & more.pdf", "mimeType": "application/pdf", "md5": md5}
    told: Json = sandbox.send("POST", "/connectors/files/upload/request", body)["presignedUrl"]
    return told


@pytest.mark.parametrize("md5", [HEX, base64.b64encode(bytes.fromhex(HEX)).decode()])
def test_a_file_is_uploaded_listed_and_deleted(sandbox: Sandbox, md5: str) -> None:
    told = announce(sandbox, md5)
    assert set(told) == {"md5", "presignedUrl", "type", "s3Key"}
    assert sandbox.get("/connectors/files/list") == {"files": []}
    assert requests.put(told["presignedUrl"], data=CONTENT, timeout=20).status_code == 200
    (listed,) = sandbox.get("/connectors/files/list")["files"]
    assert (listed["s3Key"], listed["size"]) == (told["s3Key"], len(CONTENT))
    path = f"/connectors/files/{quote(told['s3Key'], safe='')}"
    assert sandbox.send("DELETE", path) == {"success": True}
    assert sandbox.call("DELETE", path).status_code == 404
    assert sandbox.get("/connectors/files/list") == {"files": []}


def test_another_content_or_another_signature_is_refused(sandbox: Sandbox) -> None:
    url = announce(sandbox, HEX)["presignedUrl"]
    assert requests.put(url, data=b"something else", timeout=20).status_code == 400
    assert requests.put(url[:-1], data=CONTENT, timeout=20).status_code == 404


def test_a_call_passes_through_to_the_services_own_endpoint(notion: Connection) -> None:
    path = f"/2024-03/passthrough?credentialId={notion.credential_id}"
    page = {"parent": {"workspace": True}, "properties": {"title": [{"text": {"content": "T"}}]}}
    made = notion.sandbox.send("POST", path, {"method": "POST", "path": "/v1/pages", "body": page})
    assert made["object"] == "page"
    read = notion.sandbox.send("POST", path, {"method": "GET", "path": f"v1/pages/{made['id']}"})
    assert read == made
