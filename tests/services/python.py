"""Runs Python in a project that is not ours."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


def python(
    *arguments: str, project: Path, executable: str = sys.executable, **environment: str
) -> str:
    """Run Python with these variables and nothing of ours in reach; return what it printed."""
    done = subprocess.run(
        [executable, *arguments],
        cwd=project,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(project), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def copytree(source: Path, target: Path) -> None:
    """Copy code with its bytecode, which is good for the copy too: Python goes by size and time."""
    being_written = shutil.ignore_patterns("*.pyc.*")
    shutil.copytree(source, target, ignore=being_written)


def without_celery(project: Path) -> None:
    """Let Python in the project find neither Celery nor what comes with it."""
    blocker = "import sys\nsys.modules |= dict.fromkeys(('celery', 'kombu', 'redis'))\n"
    project.joinpath("sitecustomize.py").write_text(blocker)
