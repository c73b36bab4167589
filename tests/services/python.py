"""Runs Python in a project that is not ours."""

from __future__ import annotations

import os
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
