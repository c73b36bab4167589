"""The routes that the modules of this package have added."""

from __future__ import annotations

from alloy_sandbox.connectivity import api, credentials, execution, files  # noqa: F401

urls = api.urls
