"""AcmeCo's settings as the tests need them: never the developer's `.env`, never slow hashing."""

from __future__ import annotations

import os
import tempfile

# Set before the settings are read, so that they win over `.env`: no test may use a real key.
os.environ |= {
    "DEBUG": "true",
    "LOG_JSON": "false",
    "PORT": "8000",
    "SANDBOX_PORT": "8001",
    "REDIS_URL": "redis://127.0.0.1:1/0",  # nobody's: a test that needs a Redis starts its own
    "ALLOY_API_KEY": "",
    "ALLOY_SANDBOX_URL": "",
    "ALLOY_WEBHOOK_BASE_URL": "http://localhost:8000",
    "ALLOY_WEBHOOK_TOKEN": "",
}

from acmeco.settings import *  # noqa: F403 -- the environment comes first
from acmeco.settings import DATABASES

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file of its own for each pytest process: several may run at once.
    name = f"{tempfile.gettempdir()}/acmeco-test-{os.getpid()}.sqlite3"
    DATABASES["default"]["TEST"] = {"NAME": name}
    # SQLite's lock is not fair: on a busy machine one of many threads may wait for long.
    DATABASES["default"]["OPTIONS"]["timeout"] = 120
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
