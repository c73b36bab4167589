"""Whatever is sent to it, the sandbox answers: with a refusal that says why, never by breaking."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from alloy_sandbox.core import openapi
from alloy_sandbox.core.models import User
from alloy_sandbox.core.seed import seed
from tests.conftest import Sandbox

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
BODIES = [
    *((b"", FORM), (b"a=%ff&b=%00", FORM), (b"{}", "text/plain; charset=bogus"), (b"null", JSON)),
    *((b"\xff\xfe", JSON), (b"[" * 100_000, JSON), (b'{"n": ' + b"9" * 5000 + b"}", JSON)),
    (b'{"userId": "\\u0000", "data": [{}]}', JSON),
]
HOSTED = [
    ("POST", path)
    for path in (
        *("/forge-install", "/embedded-install", "/authenticate-app", "/dashboard/do/post/faults"),
        *(
            "/api/strategy/x/authorize",
            "/api/strategy/connector/x/authorize",
            "/",
            "/dashboard/users",
        ),
    )
]
SEGMENTS = ["x", "%00", "%ff%fe", "9" * 40, "%F0%9F%99%82", "..%2f.."]


@pytest.fixture
def caller(db: None) -> Client:
    """Somebody with a key, who sees a 500 where the sandbox breaks."""
    seed()
    User.objects.create(username="x")
    return Client(raise_request_exception=False, headers={"Authorization": "bearer sandbox_x"})


def paths(*methods: str, segment: str) -> list[tuple[str, str]]:
    """Return the methods and paths of all operations, with that in place of each parameter."""
    return [
        (each.method, "/" + re.sub(r"<[^>]+>", segment, each.route))
        for each in openapi.served()
        if each.method in methods and each.route != "_sandbox/signing-key"
    ]


def test_no_body_of_any_type_breaks_an_operation(caller: Client) -> None:
    broken = [
        (method, path, body[:50])
        for method, path in [*paths("POST", "PUT", segment="x"), *HOSTED]
        for body, content_type in BODIES
        if caller.generic(method, path, body, content_type).status_code == 500
    ]
    assert broken == []


@pytest.mark.parametrize("segment", SEGMENTS)
def test_no_path_and_no_query_breaks_an_operation(caller: Client, segment: str) -> None:
    names = "userId page limit skip after before token id integrationId app preFilledValues path"
    query = "&".join(f"{name}={segment}" for name in names.split())
    pages = [("GET", path) for _, path in HOSTED]
    broken = [
        path
        for method, path in [*paths("GET", segment=segment), *pages]
        if caller.generic(method, path, QUERY_STRING=query).status_code == 500
    ]
    assert broken == []


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "http://localhost:8000/orders/?userId={userId}",
            "https://acme_web/",
            "http://[::1]:8",
        ),
        *("HTTPS://A.example", "http://a.example:80?x=%C3%BC#y"),
    ],
)
def test_other_destinations_are_taken(sandbox: Sandbox, url: str) -> None:
    assert sandbox.control("PUT", "destinations", {"orders": url})["orders"] == url


def test_a_webhook_to_an_impossible_address_is_given_up(
    sandbox: Sandbox, user_id: str, wait_until: Any
) -> None:
    sandbox.control("PUT", "destinations", {"installations": "http://.../"})
    sandbox.install(user_id)
    [made] = wait_until(
        lambda: [each for each in sandbox.control("GET", "webhooks")["data"] if each["attempts"]]
    )
    assert made["attempts"][0]["error"]


def test_a_fault_may_name_a_charset_that_does_not_exist(sandbox: Sandbox) -> None:
    fault = {"body": "ü", "contentType": "text/html; charset=bogus", "times": 1}
    sandbox.control("POST", "faults", fault)
    assert sandbox.call("GET", "/events").content == "ü".encode()


def test_a_body_that_nobody_reads_does_not_cost_the_answer(sandbox: Sandbox) -> None:
    body = json.dumps({"padding": "x" * 3_000_000}).encode()
    url = f"{sandbox.origin}/_sandbox/requests"
    assert sandbox.session.put(url, data=body, timeout=20).status_code == 405
