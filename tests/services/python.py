"""Runs Python in a project that is not ours."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

FORKS = """
import gc, os, sys
gc.disable()  # nothing here gets old
import cryptography.hazmat.primitives.serialization, pydantic, requests, structlog
import django.contrib.admin, django.core.management, django.test
for folder, script in zip(sys.argv[1::2], sys.argv[2::2]):
    if not os.fork():
        os.chdir(folder)
        exec(script, {"__name__": "__main__"})
        sys.stdout.flush()
        os._exit(0)  # with nothing tidied up
    if os.wait()[1]:
        sys.exit(f"That was in {folder}.")
"""


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


def python_in_forks(*steps: tuple[Path, str], **options: str) -> str:
    """Run each script in its project, one after another, as `python`; return what they printed.

    Each is a fork of one process that has loaded Django, which takes longer than most scripts.
    """
    arguments = (str(each) for step in steps for each in step)
    return python("-c", FORKS, *arguments, project=steps[0][0], **options)


def copytree(source: Path, target: Path) -> None:
    """Copy code with its bytecode, which is good for the copy too: Python goes by size and time."""
    being_written = shutil.ignore_patterns("*.pyc.*")
    shutil.copytree(source, target, ignore=being_written)


def without_celery(project: Path) -> None:
    """Let Python in the project find neither Celery nor what comes with it."""
    blocker = "import sys\nsys.modules |= dict.fromkeys(('celery', 'kombu', 'redis'))\n"
    project.joinpath("sitecustomize.py").write_text(blocker)
