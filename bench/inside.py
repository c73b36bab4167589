"""Does something in a process of AcmeCo's, with the settings and the database of a stack."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module

from acmeco.launcher.processes import PROJECT
from tests.services.stack import Stack


def inside(stack: Stack, function: str, *arguments: str) -> None:
    """Call a function ("module:name") there; what it logs is shown only where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.inside", function, *arguments],
        cwd=PROJECT,
        env={**os.environ, **stack.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{function} failed:\n{done.stderr}")


def _call(function: str, *arguments: str) -> None:
    import django

    django.setup()
    module, _, name = function.partition(":")
    getattr(import_module(module), name)(*arguments)


if __name__ == "__main__":
    _call(*sys.argv[1:])
