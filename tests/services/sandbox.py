"""The sandbox's own client, under the name that the tests know it by."""

from __future__ import annotations

from alloy_sandbox.testing import Json, Sandbox

__all__ = ["Json", "Sandbox"]
