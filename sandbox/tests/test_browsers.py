"""What a website may do to the sandbox of a developer who visits it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from alloy_sandbox.core import seed

OTHERS = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://testserver:9"},
    {"Origin": "https://testserver"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe", "Sec-Fetch-Mode": "navigate"},
]
OWN = [
    {},
    {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none", "Sec-Fetch-Dest": "document"},
]
CONTROLS = [
    ("GET", "/_sandbox/destinations"),
    ("PUT", "/_sandbox/destinations"),
    ("POST", "/_sandbox/reset"),
    ("GET", "/2024-03/_sandbox/webhooks/"),
    ("GET", "/dashboard/destinations"),
    ("POST", "/dashboard/do/post/reset"),
]
API = ["/users", "/2024-03/integrations/", "/connectors", "/nothing"]
ASSETS = ["/scripts/embedded.js", "/icons/slack.svg", "/security/alloy_public_key.pem"]


@pytest.fixture
def client(db: None) -> Client:
    seed.seed()
    return Client()


def call(client: Client, method: str, path: str, headers: dict[str, str]) -> Any:
    return client.generic(method, path, "{}", "application/json", headers=headers)


def test_no_other_website_reaches_the_controls_or_is_told_that_it_may(client: Client) -> None:
    for method, path in CONTROLS:
        asks = {"Origin": "https://evil.example", "Access-Control-Request-Method": method}
        asked = [call(client, "OPTIONS", path, asks)]
        for response in asked + [call(client, method, path, headers) for headers in OTHERS]:
            assert response.status_code == 403, (method, path)
            assert "Access-Control-Allow-Origin" not in response


def test_its_own_pages_and_tools_do(client: Client) -> None:
    for path in ("/_sandbox/destinations", "/dashboard/destinations"):
        assert [call(client, "GET", path, each).status_code for each in OWN] == [200] * len(OWN)


def test_a_link_to_the_dashboard_may_be_followed_and_nothing_more(client: Client) -> None:
    follows = {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    }
    assert call(client, "GET", "/", follows).status_code == 200
    assert call(client, "POST", "/_sandbox/reset", follows).status_code == 403


@pytest.mark.parametrize("path", [*API, *ASSETS])
def test_any_page_may_read_what_alloy_serves(client: Client, path: str) -> None:
    headers = {"Origin": "https://app.example", "Sec-Fetch-Site": "cross-site"}
    assert call(client, "GET", path, headers)["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["/forge-install", "/api/strategy/connector/notion/authorize"])
def test_no_page_may_read_a_page_that_a_person_is_to_see(client: Client, path: str) -> None:
    response = call(client, "GET", path, {"Origin": "https://app.example"})
    assert "Access-Control-Allow-Origin" not in response


@pytest.mark.parametrize("path", ["/", "/_sandbox/requests", "/users", "/scripts/embedded.js"])
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evilrunalloy.com"])
def test_a_name_that_somebody_else_let_point_here_is_refused(
    client: Client, path: str, host: str
) -> None:
    response = call(client, "GET", path, {"Host": host})
    assert response.status_code == 400
    assert "--allow-host" in response.json()["message"]


@pytest.mark.parametrize(
    "host", ["localhost:8001", "127.0.0.1", "[::1]:8001", "a.localhost", "embedded.runalloy.com"]
)
def test_names_of_this_machine_and_alloys_are_answered(client: Client, host: str) -> None:
    assert call(client, "GET", "/events", {"Host": host}).status_code == 401
