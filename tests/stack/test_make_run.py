"""`make run` as a newcomer runs it, from a terminal."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import cache_from_source
from pathlib import Path

import pytest
import requests

from acmeco.launcher.parts import free_port, is_free
from acmeco.launcher.processes import PROJECT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of this project that shares nothing but the installed packages."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(listed, cwd=PROJECT, capture_output=True, text=True, check=True)
    for name in files.stdout.split("\0"):
        if (PROJECT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, tmp_path / name)
        if name.endswith(".py") and (PROJECT / (compiled := cache_from_source(name))).is_file():
            (tmp_path / compiled).parent.mkdir(exist_ok=True)
            shutil.copy2(PROJECT / compiled, tmp_path / compiled)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


@pytest.fixture
def environment() -> dict[str, str]:
    """Return the environment of somebody who has set nothing but free ports."""
    ports = {name: str(free_port()) for name in ("PORT", "SANDBOX_PORT", "REDIS_PORT")}
    theirs = {name: os.environ[name] for name in ("HOME", "PATH")}
    return {**theirs, "PYTHON": sys.executable, **ports}


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
