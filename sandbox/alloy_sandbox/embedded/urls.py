"""The routes that the modules of this package have added."""

from __future__ import annotations

from alloy_sandbox.embedded import (  # noqa: F401 -- each adds its operations
    api,
    credentials,
    headless,
    integrations,
    logs,
    users,
    workflows,
)

urls = api.urls
