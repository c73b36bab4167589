"""AcmeCo's settings as shipped, but for the hashing of passwords: each took half a second."""

from __future__ import annotations

from acmeco.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
