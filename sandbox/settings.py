"""Settings of the sandbox: a local development tool without access control. Never expose it."""

from __future__ import annotations

from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.management.utils import get_random_secret_key

SANDBOX_ROOT = Path(__file__).resolve().parent
PROJECT_ROOT = SANDBOX_ROOT.parent

env = environ.Env()

SANDBOX_PORT: int = env.int("SANDBOX_PORT", default=8001)
# Every URL that the sandbox hands out (icons, modal, link, OAuth) starts with this.
SANDBOX_ORIGIN: str = env.str("SANDBOX_ORIGIN", default=f"http://localhost:{SANDBOX_PORT}").rstrip(
    "/"
)
# Where Alloy's dashboard would be told to post to. PUT /_sandbox/destinations edits it later.
SANDBOX_DESTINATIONS: dict[str, str] = {
    "installations": env.str("SANDBOX_INSTALLATIONS_URL", default=""),
    "orders": env.str("SANDBOX_ORDERS_URL", default=""),
    "errors": env.str("SANDBOX_ERRORS_URL", default=""),
}
# The vendor's guide says an hour, its reference at most half an hour: the stricter of the two.
SANDBOX_TOKEN_MINUTES: int = env.int("SANDBOX_TOKEN_MINUTES", default=30)
SANDBOX_LINK_DAYS = 7
SANDBOX_LOG_DAYS = 60
# Seconds to wait before the second, third and fourth attempt at a webhook.
SANDBOX_WEBHOOK_BACKOFF: list[float] = [
    float(seconds) for seconds in env.list("SANDBOX_WEBHOOK_BACKOFF", default=["1", "5", "25"])
]
SANDBOX_WEBHOOK_TIMEOUT = 10.0
SANDBOX_REQUESTS_KEPT = 100_000

# Signs nothing that outlives the process: the users' JWTs are signed with a secret in the database.
SECRET_KEY = get_random_secret_key()
DEBUG = False
ALLOWED_HOSTS = ["*"]  # Alloy's own clients arrive through a proxy with Alloy's host names
ROOT_URLCONF = "sandbox.urls"
WSGI_APPLICATION = "sandbox.wsgi.application"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = ["sandbox.core", "django.contrib.messages", "django.contrib.staticfiles"]

MIDDLEWARE = [
    "sandbox.core.middleware.normalise_path",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "sandbox.core.cors.allow_any_origin",
    "sandbox.core.faults.hold_back",
    "sandbox.core.request_log.record_request",
    "sandbox.core.faults.misbehave",
    "sandbox.core.turns.one_at_a_time",
    "sandbox.core.middleware.AnswerErrorsAsJson",
    "django.contrib.messages.middleware.MessageMiddleware",
]

# Its pages run no inline script or style. The modal alone may be embedded: see hosted/views.py.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
# Cookies know no ports: under Django's names these would mix with those of the app next door.
CSRF_COOKIE_NAME = "sandbox_csrf"
MESSAGE_STORAGE = "sandbox.dashboard.notices.SandboxNotices"

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
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

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

DATABASE_FILE = Path(
    env.str("SANDBOX_DATABASE", default=str(PROJECT_ROOT / "var" / "sandbox.sqlite3"))
)
DATABASE_FILE.parent.mkdir(parents=True, exist_ok=True)
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATABASE_FILE,
        "CONN_MAX_AGE": None,
        # WAL and IMMEDIATE keep the writing threads from ever seeing "database is locked".
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
        },
    }
}
