"""The routes that the modules of this package have added."""

from __future__ import annotations

from alloy_sandbox.control import accounts, api, catalogue, traffic  # noqa: F401

urls = api.urls
