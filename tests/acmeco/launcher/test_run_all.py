"""What `make run` says where it cannot run."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import Settings

from acmeco.launcher.parts import free_port
from acmeco.management.commands import run_all


@pytest.fixture
def given_up(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., str]:
    """Return a function that has it begin in a folder of its own, and says why it gives up."""
    settings.BASE_DIR = tmp_path
    monkeypatch.setattr(run_all, "stop_asked", threading.Event)

    def given_up(*, sandbox: str = "", **ports: int) -> str:
        settings.PORT = ports.get("PORT", free_port())
        settings.SANDBOX_PORT = ports.get("SANDBOX_PORT", free_port())
        ours = f"http://localhost:{settings.SANDBOX_PORT}"
        settings.ALLOY = {**settings.ALLOY, "SANDBOX_URL": sandbox or ours}
        with pytest.raises(SystemExit, match="1"):
            call_command("run_all")
        return capsys.readouterr().out

    return given_up


def test_a_port_that_cannot_be_had_is_one_clear_sentence(given_up: Callable[..., str]) -> None:
    port = free_port()
    assert "PORT and SANDBOX_PORT are both" in given_up(PORT=port, SANDBOX_PORT=port)
    with socket.create_server(("127.0.0.1", port)):
        assert f"Port {port} is taken by another program" in given_up(SANDBOX_PORT=port)


def test_another_sandbox_than_the_one_it_starts_is_one_clear_sentence(
    given_up: Callable[..., str],
) -> None:
    said = given_up(sandbox="http://localhost:1")
    assert "ALLOY_SANDBOX_URL is http://localhost:1, but the sandbox that" in said


def test_a_folder_that_cannot_be_used_is_one_clear_sentence(
    given_up: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "var").mkdir()
    metrics = tmp_path / "var" / "metrics"
    metrics.touch()  # a file where a folder has to be, which stops even root
    said = given_up()
    assert f"A file or folder cannot be used: [Errno 17] File exists: '{metrics}'" in said


@pytest.mark.django_db(transaction=True)
def test_a_database_of_before_is_one_clear_sentence(given_up: Callable[..., str]) -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_applied("integrations", "0004_heartbeats")
    try:
        assert "`make reset` removes what is in var/" in given_up()
    finally:
        recorder.record_unapplied("integrations", "0004_heartbeats")
