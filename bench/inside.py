"""Does something in a process of AcmeCo's, with the settings and the database of a stack."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from acmeco.launcher.processes import PROJECT
from tests.services.stack import Stack


def settings_of_bench(double: str = "") -> dict[str, str]:
    """Return the variables for settings as in production, and a stand-in of bench/doubles."""
    settings = "bench.doubles.settings"
    return {"DJANGO_SETTINGS_MODULE": settings, "BENCH_DOUBLE": double, "LOG_JSON": "true"}


def inside(stack: Stack, function: str, *arguments: object) -> Any:
    """Call a function ("module:name") there; what it logs is shown only where it fails.

    Arguments arrive as text; what the function returns comes back by JSON.
    """
    answer = stack.directory / "answer"
    done = subprocess.run(
        [sys.executable, "-m", "bench.inside", str(answer), function, *map(str, arguments)],
        cwd=PROJECT,
        env={**os.environ, **stack.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{function} failed:\n{done.stderr}")
    return json.loads(answer.read_text())


def _call(answer: str, function: str, *arguments: str) -> None:
    import django

    django.setup()
    module, _, name = function.partition(":")
    found = getattr(import_module(module), name)(*arguments)
    Path(answer).write_text(json.dumps(found))


if __name__ == "__main__":
    _call(*sys.argv[1:])
