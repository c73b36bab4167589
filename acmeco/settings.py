"""AcmeCo's settings, from the environment and `.env`; `.env.example` explains every variable.

Without an Alloy key everything runs against the sandbox. What would be unsafe in production
(DEBUG off) stops the start with a sentence that says what to set.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from acmeco.environment import Environment
from acmeco.logs import logging_config
from integrations.alloy import Hosts

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment()
env.read_file(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)

_DEVELOPMENT_SECRET = "only-for-development"  # noqa: S105 -- refused below when DEBUG is off
SECRET_KEY = env.text("SECRET_KEY") or _DEVELOPMENT_SECRET
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
PORT = env.port("PORT", default=8000)
SANDBOX_PORT = env.port("SANDBOX_PORT", default=8001)


# Alloy. The names in this block are the ones `integrations/` reads; copy them with it.

ALLOY_API_KEY = env.text(
    "ALLOY_API_KEY", pattern=r"[!-~]+", wanted="a key as Alloy shows it: no spaces, no accents"
)
ALLOY_SANDBOX_URL = env.web_address("ALLOY_SANDBOX_URL")
if ALLOY_API_KEY and ALLOY_SANDBOX_URL:
    raise ImproperlyConfigured(
        "ALLOY_API_KEY and ALLOY_SANDBOX_URL are both set, and a real key must never be sent to"
        " the sandbox. Remove ALLOY_SANDBOX_URL to go live, or ALLOY_API_KEY to play."
    )
ALLOY_LIVE = bool(ALLOY_API_KEY)
if not ALLOY_LIVE:
    ALLOY_API_KEY = "sandbox_demo"
    ALLOY_SANDBOX_URL = ALLOY_SANDBOX_URL or f"http://localhost:{SANDBOX_PORT}"
ALLOY_REGION = env.choice("ALLOY_REGION", "us", "eu")
ALLOY_API_VERSION = env.version("ALLOY_API_VERSION", default="2023-12")
ALLOY_CONNECTIVITY_VERSION = env.version("ALLOY_CONNECTIVITY_VERSION", default="2025-09")
try:
    ALLOY_HOSTS = Hosts.for_region(ALLOY_REGION) if ALLOY_LIVE else Hosts.at(ALLOY_SANDBOX_URL)
except ValueError as error:
    raise ImproperlyConfigured(f"ALLOY_SANDBOX_URL is wrong. {error}") from error
ALLOY_WEBHOOK_BASE_URL = env.web_address(
    "ALLOY_WEBHOOK_BASE_URL", default=f"http://localhost:{PORT}"
)
_DEVELOPMENT_TOKEN = "development-webhook-token"  # noqa: S105 -- refused below when DEBUG is off
ALLOY_WEBHOOK_TOKENS = env.tokens("ALLOY_WEBHOOK_TOKEN", default=_DEVELOPMENT_TOKEN)
ALLOY_ENVIRONMENT = env.text(
    "ALLOY_ENVIRONMENT",
    pattern=r"[\w.-]{1,64}",
    wanted="a name of at most 64 letters and digits",
)
ALLOY_INTEGRATIONS_MAX_AGE = env.number("ALLOY_INTEGRATIONS_MAX_AGE", default=10, most=24 * 60 * 60)
ALLOY_TENANT_MODEL = "accounts.User"


if not DEBUG:
    _refusals = {
        "SECRET_KEY is not set. Make one with `openssl rand -base64 48`.": (
            SECRET_KEY == _DEVELOPMENT_SECRET
        ),
        "ALLOY_API_KEY is not set, and the sandbox is for development only.": not ALLOY_LIVE,
        "ALLOY_WEBHOOK_TOKEN is not set. Make one with `openssl rand -hex 32`.": (
            _DEVELOPMENT_TOKEN in ALLOY_WEBHOOK_TOKENS
        ),
        "ALLOY_WEBHOOK_BASE_URL, the public origin Alloy posts to, must start with https://.": (
            not ALLOY_WEBHOOK_BASE_URL.startswith("https://")
        ),
    }
    if _reasons := [reason for reason, refused in _refusals.items() if refused]:
        raise ImproperlyConfigured(
            "AcmeCo does not start in production like this:\n  "
            + "\n  ".join(_reasons)
            + "\nFor development set DEBUG=true, or start with `make run`, which does."
        )


# Django

INSTALLED_APPS = [
    "whitenoise.runserver_nostatic",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
    "django_structlog",
    "acmeco",
    "accounts",
    "orders",
    "meetings",
    "integrations",
]

MIDDLEWARE = [
    # These three first: what comes after them may answer by itself, with a file or a redirect.
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
]

ROOT_URLCONF = "acmeco.urls"
WSGI_APPLICATION = "acmeco.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.database(
        "DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'acmeco.sqlite3'}"
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    # One writer at a time, asked for when the transaction begins: readers never wait, and writers
    # queue instead of failing with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
    }
    DATABASES["default"]["TEST"] = {"NAME": str(BASE_DIR / "var" / "test.sqlite3")}
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = (
    []
    if DEBUG
    else [
        {"NAME": f"django.contrib.auth.password_validation.{name}"}
        for name in (
            "UserAttributeSimilarityValidator",
            "MinimumLengthValidator",
            "CommonPasswordValidator",
            "NumericPasswordValidator",
        )
    ]
)

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.sender("DEFAULT_FROM_EMAIL", default="AcmeCo <hello@acme.example>")


# Sign-up and login, by django-allauth

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = env.choice(
    "ACCOUNT_EMAIL_VERIFICATION", "none", "optional", "mandatory"
)
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = False
ACCOUNT_RATE_LIMITS = {
    "signup": "60/m/ip",
    "login": "60/m/ip",
    "login_failed": "30/m/ip,5/5m/key",
}


# Celery. A task is only a hint that some row is due: the row is what guarantees the work, so tasks
# are acknowledged early, are never retried by the broker and never carry a countdown.

REDIS_URL = env.redis("REDIS_URL", default="redis://localhost:6379/0")
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# So that workers notice when Redis goes without a goodbye. Web requests are more impatient still:
# see integrations/wake.py.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 10.0,
    "socket_connect_timeout": 5.0,
    "socket_keepalive": True,
}
CELERY_BEAT_SCHEDULE = {
    "sweep what a lost task left behind": {
        "task": "integrations.tasks.sweep",
        "schedule": 2.0,
        "options": {"expires": 2.0},
    },
    "forget what is done": {
        "task": "integrations.tasks.prune",
        "schedule": 600.0,
        "options": {"expires": 600.0},
    },
    "look whether what failed runs again": {
        "task": "integrations.tasks.look_for_recoveries",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    "provision tenants that came in by the back door": {
        "task": "integrations.tasks.provision_missing",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
}


# Prometheus reads /metrics with this token; without one only operators see the page.
METRICS_TOKEN = env.text(
    "METRICS_TOKEN", pattern=r"[!-~]+", wanted="letters and digits, without spaces"
)


# Security

SECURE_SSL_REDIRECT = not DEBUG
SECURE_HSTS_SECONDS = 0 if DEBUG else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEBUG
SECURE_HSTS_PRELOAD = not DEBUG
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
# The modal's OAuth windows must be able to tell the page that they are done.
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin-allow-popups"
SESSION_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_HTTPONLY = False
X_FRAME_OPTIONS = "DENY"
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, ALLOY_HOSTS.cdn],
        "frame-src": [ALLOY_HOSTS.app],
        "connect-src": [SELF, ALLOY_HOSTS.embedded],
        "img-src": [SELF, ALLOY_HOSTS.cdn],
        "base-uri": [NONE],
        "object-src": [NONE],
        # Connecting an account begins with a form whose answer leads to the consent page.
        "form-action": [SELF, ALLOY_HOSTS.consent_source],
        "frame-ancestors": [NONE],
    }
}


# Logs: one JSON object a line, or readable lines while developing.

LOGGING = logging_config(json=env.bool("LOG_JSON", default=not DEBUG))
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line a request, when it is over
