"""A merchant whom the sandbox knows, and what they do there."""

from __future__ import annotations

from tests.integrations.contrib.connectivity.surroundings import at_sandbox, known_merchant, user_id

__all__ = ["at_sandbox", "known_merchant", "user_id"]
