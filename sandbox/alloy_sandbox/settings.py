"""Settings of the sandbox: a local development tool without a login. Never expose it."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.management.utils import get_random_secret_key

from alloy_sandbox import bodies

SANDBOX_ROOT = Path(__file__).resolve().parent

# Every URL that the sandbox hands out (icons, modal, link, OAuth) starts with this.
SANDBOX_ORIGIN = os.environ.get("SANDBOX_ORIGIN", "http://localhost:8001")
# Where Alloy's dashboard would be told to post to. PUT /_sandbox/destinations edits it later.
SANDBOX_DESTINATIONS: dict[str, str] = {
    "installations": os.environ.get("SANDBOX_INSTALLATIONS_URL", ""),
    "orders": os.environ.get("SANDBOX_ORDERS_URL", ""),
    "errors": os.environ.get("SANDBOX_ERRORS_URL", ""),
}
# The vendor's guide says an hour, its reference at most half an hour: the stricter of the two.
SANDBOX_TOKEN_MINUTES: int = int(os.environ.get("SANDBOX_TOKEN_MINUTES", "30"))
# The catalogue that the sandbox begins with, and goes back to at a reset.
SANDBOX_SEED = Path(os.environ.get("SANDBOX_SEED") or SANDBOX_ROOT / "catalogue.yaml")
# Who may embed the modal, as frame-ancestors has it; anybody by default.
SANDBOX_FRAMED_BY = os.environ.get("SANDBOX_FRAMED_BY", "")
SANDBOX_LINK_DAYS = 7
SANDBOX_LOG_DAYS = 60
# Seconds to wait before the second, third and fourth attempt at a webhook.
SANDBOX_WEBHOOK_BACKOFF: list[float] = [
    float(seconds) for seconds in os.environ.get("SANDBOX_WEBHOOK_BACKOFF", "1,5,25").split(",")
]
SANDBOX_WEBHOOK_TIMEOUT = 10.0
SANDBOX_REQUESTS_KEPT = 100_000

# Signs nothing that outlives the process: the users' JWTs are signed with a secret in the database.
SECRET_KEY = get_random_secret_key()
DEBUG = False
ALLOWED_HOSTS = [
    *("localhost", ".localhost", "127.0.0.1", "[::1]"),
    urlsplit(SANDBOX_ORIGIN).hostname or "",
    ".runalloy.com",  # Alloy's own clients arrive through a proxy with Alloy's host names
    *os.environ.get("SANDBOX_ALLOWED_HOSTS", "").split(","),
]
ROOT_URLCONF = "alloy_sandbox.urls"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = bodies.LONGEST
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = ["alloy_sandbox.core", "django.contrib.messages", "django.contrib.staticfiles"]

MIDDLEWARE = [
    "alloy_sandbox.core.middleware.check_host",
    "alloy_sandbox.core.middleware.normalise_path",
    "alloy_sandbox.core.middleware.check_page",
    "alloy_sandbox.core.policy.content_security_policy",
    "alloy_sandbox.core.faults.hold_back",
    "alloy_sandbox.core.request_log.record_request",
    "alloy_sandbox.core.faults.misbehave",
    "alloy_sandbox.core.middleware.one_at_a_time",
    "alloy_sandbox.core.middleware.AnswerErrorsAsJson",
    "django.contrib.messages.middleware.MessageMiddleware",
]

# Cookies know no ports: under Django's name this would mix with that of the app next door.
MESSAGE_STORAGE = "alloy_sandbox.dashboard.frame.SandboxNotices"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [SANDBOX_ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

STATIC_URL = "/static/"
STATICFILES_DIRS = [SANDBOX_ROOT / "static"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "accidents": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: record.exc_info is not None,
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Refused calls, and errors that a fault asked for, are what the sandbox is for: on the
        # console belong only its own accidents, which come with a traceback.
        "django.request": {"level": "ERROR", "filters": ["accidents"]},
        "django": {"handlers": [], "propagate": True},
    },
}

IN_MEMORY = "file:/alloy-sandbox?vfs=memdb"
# What of it depends on how the data are kept. WAL lets readers read while another thread writes.
JOURNAL = {IN_MEMORY: "PRAGMA journal_mode=MEMORY;PRAGMA synchronous=OFF;"}
DATABASE = os.environ.get("SANDBOX_DATABASE", "") or IN_MEMORY
# A tool's data need no history: the tables are made as this version has them, see `core.database`.
MIGRATION_MODULES = {"core": None}
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATABASE,
        "CONN_MAX_AGE": None,
        # IMMEDIATE keeps the writing threads from ever seeing "database is locked".
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": JOURNAL.get(
                DATABASE, "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
            ),
        },
    }
}
