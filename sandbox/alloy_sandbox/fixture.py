"""The pytest fixture of `alloy_sandbox.testing`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from alloy_sandbox.testing import Sandbox, running

_RUNNING = pytest.StashKey[str]()


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox that holds nothing but its catalogue."""
    config = request.config
    if _RUNNING not in config.stash:
        context = ExitStack()
        config.stash[_RUNNING] = context.enter_context(running())
        config.add_cleanup(context.close)
    sandbox = Sandbox(config.stash[_RUNNING])
    sandbox.reset()
    yield sandbox
    sandbox.close()
