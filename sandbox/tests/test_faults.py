from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
import requests

from tests.conftest import Json, Sandbox


def fault(sandbox: Sandbox, **body: object) -> Json:
    made: Json = sandbox.control("POST", "faults", body)
    return made


def usernames(sandbox: Sandbox) -> list[str]:
    sandbox.control("DELETE", "faults")
    return [user["username"] for user in sandbox.get("/users")["data"]]


def test_a_status_is_answered_so_many_times_and_nothing_is_done(sandbox: Sandbox) -> None:
    fault(sandbox, path="/users", status=503, times=2)
    codes = [
        sandbox.call("POST", "/users", {"username": name}).status_code for name in ("a", "b", "c")
    ]
    assert codes == [503, 503, 200]
    assert usernames(sandbox) == ["c"]


def test_a_status_may_come_although_the_call_was_carried_out(sandbox: Sandbox) -> None:
    fault(sandbox, path="/users", status=500, acts=True)
    response = sandbox.call("POST", "/users", {"username": "a"})
    assert response.status_code == 500
    assert response.json() == {"message": "Internal server error"}
    assert usernames(sandbox) == ["a"]


def test_too_many_requests_may_say_when_to_come_back(sandbox: Sandbox) -> None:
    fault(sandbox, path="/run/event", retryAfter=7)
    response = sandbox.call("POST", "/2023-12/run/event", {})
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "7"
    assert response.json() == {"message": "Rate limit exceeded"}


@pytest.mark.parametrize(("drop", "expected"), [(True, ["a"]), ("after", ["a"]), ("before", [])])
def test_a_dropped_connection_is_seen_as_one_acted_upon_or_not(
    sandbox: Sandbox, drop: object, expected: list[str]
) -> None:
    fault(sandbox, path="/users", method="POST", drop=drop)
    with pytest.raises(requests.ConnectionError):
        sandbox.call("POST", "/users", {"username": "a"})
    logged = sandbox.control("GET", "requests")["data"]
    assert logged[0]["status"] == 0
    assert logged[0]["fault"].startswith("dropped")
    assert usernames(sandbox) == expected


def test_a_delay_comes_before_the_answer(sandbox: Sandbox) -> None:
    fault(sandbox, path="/users", delayMs=300)
    before = time.monotonic()
    assert sandbox.call("GET", "/users").status_code == 200
    assert time.monotonic() - before >= 0.3


def test_a_client_that_does_not_wait_is_served_all_the_same(
    sandbox: Sandbox, wait_until: Callable[[Callable[[], bool]], bool]
) -> None:
    fault(sandbox, path="/users", method="POST", delayMs=800)
    with pytest.raises(requests.Timeout):
        requests.post(
            f"{sandbox.origin}/users",
            json={"username": "a"},
            headers={"Authorization": "bearer sandbox_x"},
            timeout=(20, 0.2),
        )
    assert wait_until(lambda: usernames(sandbox) == ["a"])


@pytest.mark.parametrize("body", ["", "<html>oops</html>", '{"userId": "6'])
def test_the_body_may_be_anything(sandbox: Sandbox, body: str) -> None:
    fault(sandbox, path="/users", body=body, contentType="text/html")
    response = sandbox.call("POST", "/users", {"username": "a"})
    assert response.status_code == 200
    assert response.text == body
    assert response.headers["Content-Type"] == "text/html"
    assert usernames(sandbox) == ["a"]


def test_an_answer_may_come_byte_by_byte(sandbox: Sandbox) -> None:
    fault(sandbox, path="/users", trickle=5)
    pieces = list(sandbox.call("GET", "/users", stream=True).raw.stream(1))
    assert json.loads(b"".join(pieces)) == {"data": []}
    logged = sandbox.control("GET", "requests")["data"]
    assert logged[0]["fault"] == "byte by byte"


@pytest.mark.parametrize(
    ("path", "hit"),
    [
        ("/users", True),
        ("/2023-12/users", True),
        ("2023-12/users/", True),
        ("users", True),
        ("/", True),
        ("/workflows", False),
        ("/users/*/token", True),
        ("/users/[!g]*", False),
        ("*/token", True),
    ],
)
def test_a_path_is_a_prefix_or_a_glob_without_the_version(
    sandbox: Sandbox, user_id: str, path: str, hit: bool
) -> None:
    fault(sandbox, path=path, status=500)
    response = sandbox.call("GET", "/2024-03/users/gregg/token")
    assert (response.status_code == 500) is hit


def test_a_method_narrows_a_fault(sandbox: Sandbox) -> None:
    fault(sandbox, path="/users", method="POST", status=500)
    assert sandbox.call("GET", "/users").status_code == 200
    assert sandbox.call("POST", "/users", {"username": "a"}).status_code == 500


def test_a_seeded_rate_strikes_the_same_calls_again(sandbox: Sandbox) -> None:
    def codes() -> list[int]:
        fault(sandbox, path="/users", status=500, rate=0.3, seed=7)
        found = [sandbox.call("GET", "/users").status_code for _ in range(60)]
        sandbox.control("DELETE", "faults")
        return found

    first = codes()
    assert first == codes()
    assert 5 < first.count(500) < 35


def test_faults_never_meet_the_sandboxs_own_pages(sandbox: Sandbox) -> None:
    fault(sandbox, status=500)
    assert sandbox.session.get(f"{sandbox.origin}/", timeout=20).status_code == 200
    assert sandbox.control("GET", "faults")["data"][0]["hits"] == 0
    pem = f"{sandbox.origin}/security/alloy_public_key.pem"
    assert sandbox.session.get(pem, timeout=20).status_code == 500
    listed = sandbox.control("GET", "faults")["data"]
    assert listed[0]["hits"] == 1
    sandbox.control("DELETE", f"faults/{listed[0]['id']}")
    assert sandbox.control("GET", "faults")["data"] == []
