"""Alloy's published clients: fetched once at their pinned versions, never committed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
CACHE = HERE.parents[2] / "var" / "test-clients"


def javascript_clients() -> Path:
    """Return a folder in which node finds alloy-node and alloy-frontend, as they are locked.

    Skips the test where they cannot be fetched.
    """
    folder = CACHE / "javascript"
    lock = (HERE / "package-lock.json").read_text()
    done = folder / "installed.json"
    if not done.exists() or done.read_text() != lock:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        options = ("--ignore-scripts", "--no-audit", "--no-fund")
        _fetch("alloy-node and alloy-frontend", ["npm", "ci", *options], folder)
        done.write_text(lock)
    return folder


def python_client() -> Path:
    """Return a folder to import alloy_python from; skips the test where it cannot be fetched."""
    folder = CACHE / "python"
    requirements = HERE / "requirements.txt"
    done = folder / "installed.txt"
    if not done.exists() or done.read_text() != requirements.read_text():
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--no-deps"]
        command += ["--only-binary=:all:", "--require-hashes", "--target", str(folder)]
        _fetch("alloy-python", [*command, "-r", str(requirements)], folder)
        done.write_text(requirements.read_text())
    return folder


def call_javascript(client: str, origin: str, *calls: list[Any]) -> list[dict[str, Any]]:
    """Call a client's methods in one go; returns a {"value"} or {"thrown"} for each."""
    result = subprocess.run(
        ["node", str(HERE / "call.cjs"), client, origin],
        cwd=javascript_clients(),
        env={**os.environ, "HTTPS_PROXY": origin, "NO_PROXY": ""},
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    results: list[dict[str, Any]] = json.loads(result.stdout)
    return results


def _fetch(what: str, command: list[str], folder: Path) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=180)
    except (OSError, subprocess.SubprocessError) as error:
        reason = (getattr(error, "stderr", "") or str(error)).strip().splitlines()[-1]
        pytest.skip(f"could not set up {what}: {reason}")
