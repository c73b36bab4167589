"""`make run` as a newcomer runs it: in a checkout of its own, from a terminal."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import requests

from acmeco.launcher.parts import free_port, is_free
from acmeco.launcher.processes import PROJECT

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of this project that shares nothing but the installed packages."""
    copy = tmp_path_factory.mktemp("checkout")
    files = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in files.stdout.split("\0"):
        if (PROJECT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, copy / name)
    (copy / ".venv").symlink_to(sys.prefix)
    return copy


@pytest.fixture
def environment() -> dict[str, str]:
    """Return the environment of somebody who has set nothing but free ports."""
    path = os.environ["PATH"]
    names = ("PORT", "SANDBOX_PORT", "REDIS_PORT")
    ports = {name: str(free_port()) for name in names}
    return {"HOME": os.environ["HOME"], "PATH": path, "PYTHON": sys.executable, **ports}


def test_it_runs_until_ctrl_c_and_leaves_nothing_behind(
    checkout: Path, environment: dict[str, str]
) -> None:
    ports = int(environment["PORT"]), int(environment["SANDBOX_PORT"])
    with _make_run_in_a_terminal(checkout, environment) as terminal:
        _read_until(terminal, "Ctrl-C stops all")
        for port in ports:
            assert requests.get(f"http://localhost:{port}/", timeout=20).status_code == 200
        assert "stop it first" in _make("reset", checkout, environment).stderr
        again = _make("run", checkout, environment)
        assert "AcmeCo already runs from this folder" in again.stdout
        said, _ = terminal.communicate(b"\x03")
    assert b"Stopped." in said
    assert terminal.returncode == 0
    assert all(is_free(port) for port in ports)

    assert "acmeco.sqlite3" in _make("reset", checkout, environment).stdout
    assert not (checkout / "var").exists()


def test_a_taken_port_is_one_clear_sentence(checkout: Path, environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(environment["SANDBOX_PORT"]))):
        done = _make("run", checkout, environment)
    assert done.returncode != 0
    port = environment["SANDBOX_PORT"]
    assert f"Port {port} is taken by another program" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_one_port_for_both_is_one_clear_sentence(
    checkout: Path, environment: dict[str, str]
) -> None:
    done = _make("run", checkout, {**environment, "PORT": environment["SANDBOX_PORT"]})
    assert done.returncode != 0
    assert "PORT and SANDBOX_PORT are both" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_folder_that_cannot_be_used_is_one_clear_sentence(
    checkout: Path, environment: dict[str, str]
) -> None:
    metrics = checkout / "var" / "metrics"
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.parent.mkdir(exist_ok=True)
    metrics.touch()  # a file where a folder has to be, which stops even root
    done = _make("run", checkout, environment)
    metrics.unlink()
    assert done.returncode != 0
    assert f"A file or folder cannot be used: [Errno 17] File exists: '{metrics}'" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_database_of_before_is_one_clear_sentence(
    checkout: Path, environment: dict[str, str]
) -> None:
    database = checkout / "var" / "acmeco.sqlite3"
    database.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE django_migrations (id, app, name, applied)")
        row = (1, "integrations", "0004_heartbeats", "2026-11-01")
        connection.execute("INSERT INTO django_migrations VALUES (?, ?, ?, ?)", row)
    done = _make("run", checkout, environment)
    database.unlink()
    assert done.returncode != 0
    assert "`make reset` removes what is in var/" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_settings_that_contradict_each_other_are_one_clear_sentence(
    checkout: Path, environment: dict[str, str]
) -> None:
    contradiction = {"ALLOY_API_KEY": "key", "ALLOY_SANDBOX_URL": "http://localhost:1"}
    done = _make("run", checkout, {**environment, **contradiction})
    assert done.returncode != 0
    assert "a real key must never be sent to the sandbox" in done.stderr
    assert "Traceback" not in done.stderr


def test_another_sandbox_than_the_one_it_starts_is_one_clear_sentence(
    checkout: Path, environment: dict[str, str]
) -> None:
    other = {"ALLOY_SANDBOX_URL": "http://localhost:1"}
    done = _make("run", checkout, {**environment, **other})
    assert done.returncode != 0
    assert "ALLOY_SANDBOX_URL is http://localhost:1, but the sandbox that" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def _make(
    target: str, checkout: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", target], cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )


@contextmanager
def _make_run_in_a_terminal(
    checkout: Path, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Start it in a terminal of its own, whose keyboard and screen are the process's pipes."""
    spawn = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(['make', 'run'])))"
    with subprocess.Popen(
        [sys.executable, "-c", spawn],
        cwd=checkout,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as terminal:
        try:
            yield terminal
        finally:
            terminal.terminate()


def _read_until(terminal: subprocess.Popen[bytes], text: str) -> None:
    assert terminal.stdout is not None
    seen = ""
    while text not in seen:
        chunk = os.read(terminal.stdout.fileno(), 4096)
        assert chunk, f"{text!r} was never printed; this was:\n{seen}"
        seen += chunk.decode(errors="replace")  # it may end within a letter
