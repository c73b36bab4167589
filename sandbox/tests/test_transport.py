"""What Alloy's own clients do on the wire, oddities included."""

from __future__ import annotations

import http.client
import json
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from alloy_sandbox import bodies
from tests.conftest import KEY, ORDER_CREATED, STATUS_UPDATE, Sandbox


@pytest.mark.parametrize(
    "path", ["/users", "/users/", "/2023-12/users", "/2024-03/users/", "/2025-09/users"]
)
def test_any_version_and_a_trailing_slash_are_the_same_without_a_redirect(
    sandbox: Sandbox, path: str
) -> None:
    response = sandbox.call("POST", path, {"username": "gregg"}, allow_redirects=False)
    assert response.status_code == 200


def test_a_get_may_carry_a_body(sandbox: Sandbox, user_id: str) -> None:
    assert sandbox.call("GET", f"/users/{user_id}", {}).json()["username"] == "gregg"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/users/{user}/deactivate-workflows"),
        ("PUT", "/workflows/{workflow}/upgrade?userId={user}"),
    ],
)
def test_an_empty_form_is_as_good_as_no_body(
    sandbox: Sandbox, installed_user: str, method: str, path: str
) -> None:
    response = sandbox.call(
        method,
        path.format(user=installed_user, workflow=STATUS_UPDATE),
        headers={"Content-Type": "application/x-www-form-urlencoded", "Content-Length": "0"},
    )
    assert response.status_code == 200


def test_a_body_may_come_in_chunks(sandbox: Sandbox) -> None:
    sent = iter([b'{"username": ', b'"gregg"}'])
    assert sandbox.call("POST", "/users", data=sent).status_code == 200
    assert sandbox.get("/users/gregg")["username"] == "gregg"


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("Content-Length: abc", b""),
        ("Content-Length: -5", b""),
        ("Transfer-Encoding: chunked", b"xyz\r\n"),
        ("Transfer-Encoding: chunked", b"-5\r\n"),
        ("Transfer-Encoding: chunked", b"ffffffffff\r\n"),
        ("Transfer-Encoding: chunked", b""),
    ],
)
def test_a_body_without_an_end_is_refused_in_json(
    sandbox: Sandbox, header: str, body: bytes
) -> None:
    head = f"POST /users HTTP/1.1\r\nHost: localhost\r\nAuthorization: {KEY}\r\n{header}\r\n\r\n"
    host, _, port = urlsplit(sandbox.origin).netloc.partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(head.encode() + body)
        connection.shutdown(socket.SHUT_WR)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.status == 400
        assert json.loads(answer.read())["message"]


def test_a_query_key_may_come_twice_or_without_a_value(sandbox: Sandbox, user_id: str) -> None:
    twice = sandbox.call("GET", f"/integrations?userId={user_id}&userId={user_id}")
    assert twice.status_code == 200
    assert sandbox.call("GET", f"/users/{user_id}/token?userId").status_code == 200


def test_a_proxied_client_may_name_alloys_own_host(sandbox: Sandbox, user_id: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(sandbox.origin).netloc, timeout=20)
    connection.request(
        "GET",
        f"https://embedded.runalloy.com/2024-03/users/{user_id}",
        headers={"Authorization": f"Bearer {KEY}"},
    )
    response = connection.getresponse()
    assert response.status == 200
    assert user_id.encode() in response.read()
    connection.close()


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"[]",
        b'"x"',
        b"\xff",
        b"[" * 100_000,
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": "\\ud800"}',
    ],
)
def test_a_body_that_is_no_object_is_a_bad_request_with_a_message(
    sandbox: Sandbox, raw: bytes
) -> None:
    response = sandbox.call("POST", "/users", data=raw)
    assert response.status_code == 400
    assert isinstance(response.json()["message"], str)


def test_a_body_that_is_packed_or_too_long_is_refused_with_the_reason(sandbox: Sandbox) -> None:
    gzip = {"Content-Encoding": "gzip"}
    packed = sandbox.call("POST", "/users", data=b"\x1f\x8b\x08", headers=gzip)
    assert "send it without Content-Encoding (gzip)" in packed.json()["message"]
    long = sandbox.call("POST", "/users", data=b" " * (bodies.LONGEST + 1))
    assert "too long" in long.json()["message"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing/here", 404),
        ("PATCH", "/users", 405),
        ("GET", "/run/event", 405),
        ("PUT", "/connectors", 405),
    ],
)
def test_every_error_is_json_with_a_message(
    sandbox: Sandbox, method: str, path: str, status: int
) -> None:
    response = sandbox.call(method, path)
    assert response.status_code == status
    assert isinstance(response.json()["message"], str)
    assert bool(response.headers.get("Allow")) == (status == 405)


def test_a_preflight_allows_what_the_browser_sdk_sends(sandbox: Sandbox) -> None:
    response = requests.options(
        f"{sandbox.origin}/2024-03/workflows/activate",
        headers={
            "Origin": "https://app.example",
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "content-type,x-alloy-user-token",
        },
        timeout=20,
    )
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "PUT" in response.headers["Access-Control-Allow-Methods"]
    assert "x-alloy-user-token" in response.headers["Access-Control-Allow-Headers"]


def test_the_newest_version_speaks_of_connectors(sandbox: Sandbox, user_id: str) -> None:
    new = sandbox.call(
        "GET", f"/integrations?userId={user_id}", headers={"x-api-version": "2025-09"}
    ).json()["data"][0]
    assert new["primaryConnector"] == "bigcommerce"
    connector = new["workflows"][0]["connectors"][0]
    assert connector["connector"] == "bigcommerce"
    assert (connector["name"], connector["id"]) == (
        connector["connectorName"],
        connector["connectorId"],
    )
    old = sandbox.get("/2023-12/integrations", userId=user_id)["data"][0]
    assert "primaryConnector" not in old
    assert old["workflows"][0]["blocks"][0]["type"] == "bigcommerce"


def test_a_version_that_is_none_is_left_alone(sandbox: Sandbox, user_id: str) -> None:
    path = f"/integrations?userId={user_id}"
    found = sandbox.call("GET", path, headers={"x-api-version": "latest"}).json()["data"][0]
    assert "blocks" in found["workflows"][0]


def test_the_seeded_ids_survive_a_reset(sandbox: Sandbox, user_id: str) -> None:
    def ids() -> list[str]:
        found = sandbox.get("/workflows", userId=sandbox.new_user("someone"))["data"]
        return [workflow["workflowId"] for workflow in found]

    before = ids()
    sandbox.control("POST", "reset")
    assert ids() == before
    assert ORDER_CREATED in before


def test_a_client_with_alloys_host_built_in_gets_here_through_a_tunnel(
    sandbox: Sandbox, user_id: str, tmp_path: Path
) -> None:
    trusted = tmp_path / "certificate.pem"
    url = f"{sandbox.origin}/_sandbox/certificate.pem"
    trusted.write_bytes(requests.get(url, timeout=20).content)
    session = requests.Session()
    session.trust_env = False
    session.proxies, session.verify = {"https": sandbox.origin}, str(trusted)
    session.headers["Authorization"] = f"Bearer {KEY}"
    for path in (f"2024-03/users/{user_id}", "connectors"):
        assert session.get(f"https://production.runalloy.com/{path}", timeout=20).ok
    with pytest.raises(requests.exceptions.ProxyError, match="403"):
        session.get("https://a.example/", timeout=20)
    session.close()
