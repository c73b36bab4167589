"""A sandbox for tests, in any Python project: as a pytest fixture, or as a context manager.

    from alloy_sandbox.testing import sandbox  # in conftest.py

    def test_a_merchant_connects(sandbox):
        settings.ALLOY_SANDBOX_URL = sandbox.url

Nothing of the sandbox runs in the test's own process: it is started beside it, on a free port.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

START_SECONDS = 60


@contextmanager
def running(*options: str, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run a sandbox on a free port, with these command-line options; yield its origin."""
    process = subprocess.Popen(  # noqa: S603 -- ours
        [sys.executable, "-m", "alloy_sandbox", "--port", "0", "--quiet", *options],
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None  # noqa: S101 -- it is a pipe
    try:
        origin = process.stdout.readline().strip()
        if not origin.startswith("http"):
            raise RuntimeError(f"alloy-sandbox did not start: {origin or 'see above'}")
        yield origin
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
