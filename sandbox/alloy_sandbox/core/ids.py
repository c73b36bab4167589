"""Ids that look like Alloy's: 24 hex digits for things, 21 characters for executions."""

from __future__ import annotations

import hashlib
import secrets
import string
import time
from uuid import uuid4

EXECUTION_ALPHABET = string.ascii_letters + string.digits + "_-"
EXECUTION_LENGTH = 21


def object_id() -> str:
    """Return a new id in the form of a Mongo ObjectId: seconds since 1970, then randomness."""
    return f"{int(time.time()):08x}{secrets.token_hex(8)}"


def fixed_object_id(name: str) -> str:
    """Return the same 24 hex digits for the same name, so that seeded ids survive a reset."""
    return hashlib.sha256(name.encode()).hexdigest()[:24]


def fixed_block_id(name: str) -> str:
    """Return the same UUID for the same name: blocks have UUIDs, unlike everything else."""
    digits = hashlib.sha256(name.encode()).hexdigest()
    return "-".join(
        (digits[:8], digits[8:12], "4" + digits[13:16], "a" + digits[17:20], digits[20:32])
    )


def uuid() -> str:
    return str(uuid4())


def execution_id() -> str:
    """Return a new 21-character id as the workflow logs show it."""
    return "".join(secrets.choice(EXECUTION_ALPHABET) for _ in range(EXECUTION_LENGTH))
