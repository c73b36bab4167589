"""What a test cannot do without: where it is not there, the test is skipped, and told of."""

from __future__ import annotations

import pytest

from acmeco.launcher.parts import find_server
from acmeco.launcher.processes import LaunchError


def need_redis() -> None:
    """Skip the test unless there is a Redis server to start."""
    try:
        find_server()
    except LaunchError as error:
        pytest.skip(f"could not set up Redis: {error}")
