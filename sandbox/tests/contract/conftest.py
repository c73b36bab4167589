"""What the contract is held against: the sandbox always, and Alloy itself where there is a key.

    ALLOY_LIVE_TEST_KEY=... pytest tests/contract

Against Alloy it makes users of its own, with names that nobody else has, and deletes them in the
end; it installs nothing and sends no event. Use a development key all the same.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from tests.conftest import KEY

LIVE_KEY = "ALLOY_LIVE_TEST_KEY"
EMBEDDED = "https://embedded.runalloy.com/2024-03"
CONNECTIVITY = "https://production.runalloy.com"


@dataclass
class Target:
    """One Alloy: real or not."""

    key: str
    embedded: str
    connectivity: str
    users: list[str] = field(default_factory=list)

    def call(self, method: str, path: str, json: Any = None, **headers: str) -> requests.Response:
        host = self.connectivity if path.startswith("/connectors") else self.embedded
        said = {"Authorization": f"Bearer {self.key}", "x-api-version": "2025-09", **headers}
        if host == self.embedded:
            del said["x-api-version"]
        return requests.request(method, host + path, json=json, headers=said, timeout=60)

    def new_user(self) -> tuple[str, str]:
        """Make a user who is deleted in the end; return the id and the name."""
        name = f"alloy-sandbox-contract-{uuid.uuid4().hex}"
        user_id = str(self.call("POST", "/users", {"username": name}).json()["userId"])
        self.users.append(user_id)
        return user_id, name

    def clean_up(self) -> None:
        for user_id in self.users:
            with suppress(requests.RequestException):
                self.call("DELETE", f"/users/{user_id}")


def pytest_report_header() -> str:
    """Say which Alloy is called."""
    if os.environ.get(LIVE_KEY):
        return f"WARNING: {LIVE_KEY} is set: the contract tests call Alloy itself, with that key."
    return f"contract tests: the sandbox only; set {LIVE_KEY} to hold Alloy itself to them, too"


TARGETS = ["sandbox", "live"] if os.environ.get(LIVE_KEY) else ["sandbox"]


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    if request.param == "sandbox":
        origin = request.getfixturevalue("sandbox").origin
        yield Target(KEY, f"{origin}/2024-03", origin)
        return
    live = Target(os.environ[LIVE_KEY], EMBEDDED, CONNECTIVITY)
    yield live
    live.clean_up()


@pytest.fixture
def user(target: Target) -> tuple[str, str]:
    return target.new_user()
