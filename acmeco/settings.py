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
from django.urls import reverse_lazy

import integrations
from acmeco import service_urls, tcp_keepalive, variables
from acmeco.logs import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent

_A_KEY = variables.matching(r"[!-~]+", "a key as Alloy shows it: no spaces, no accents")
_A_TOKEN = variables.matching(r"[\w.~-]+", "letters, digits and -._~, as they stand in a URL")
_A_NAME = variables.matching(r"[\w.-]{1,64}", "a name of at most 64 letters and digits")
_A_MONTH = variables.matching(r"20\d\d-(0[1-9]|1[0-2])", "a version by its month, such as 2023-12")
_A_PORT = variables.number(1, 65_535)

env = variables.read(
    BASE_DIR / ".env",
    DEBUG=(variables.flag, False),
    SECRET_KEY=(str, ""),
    SECRET_KEY_FALLBACKS=(variables.several(str), []),
    ALLOWED_HOSTS=(variables.several(variables.host_name), []),
    TRUSTED_PROXY_COUNT=(variables.number(0, 10), 0),
    BEHIND_TLS_PROXY=(variables.flag, False),
    PORT=(_A_PORT, 8000),
    SANDBOX_PORT=(_A_PORT, 8001),
    DATABASE_URL=(service_urls.database, service_urls.database("sqlite:///var/acmeco.sqlite3")),
    DATABASE_DIRECT_URL=(service_urls.database, None),
    DATABASE_REPLICA_URL=(service_urls.replica, None),
    REDIS_URL=(service_urls.redis, service_urls.redis("redis://localhost:6379/0")),
    EMAIL_URL=(service_urls.email, service_urls.email("consolemail://")),
    DEFAULT_FROM_EMAIL=(variables.sender, "AcmeCo <hello@acme.example>"),
    METRICS_TOKEN=(_A_TOKEN, ""),
    LOG_JSON=(variables.flag, None),
    ALLOY_API_KEY=(_A_KEY, ""),
    ALLOY_SANDBOX_URL=(variables.web_address, ""),
    ALLOY_REGION=(variables.one_of("us", "eu"), "us"),
    ALLOY_API_VERSION=(_A_MONTH, "2023-12"),
    ALLOY_CONNECTIVITY_VERSION=(_A_MONTH, "2025-09"),
    ALLOY_WEBHOOK_BASE_URL=(variables.web_address, ""),
    ALLOY_WEBHOOK_TOKEN=(variables.several(_A_TOKEN), []),
    ALLOY_ENVIRONMENT=(_A_NAME, ""),
)

# What is unsafe here stops the start in production: see acmeco/checks.py.
DEBUG = env("DEBUG")
IN_PRODUCTION = not DEBUG  # tests change DEBUG, but never this
SECRET_KEY = env("SECRET_KEY") or "only-for-development"
SECRET_KEY_FALLBACKS = env("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env("ALLOWED_HOSTS")
PORT = env("PORT")
SANDBOX_PORT = env("SANDBOX_PORT")


# Alloy: what `integrations/` reads.

ALLOY_LIVE = bool(env("ALLOY_API_KEY"))
if ALLOY_LIVE and env("ALLOY_SANDBOX_URL"):
    raise ImproperlyConfigured(
        "ALLOY_API_KEY and ALLOY_SANDBOX_URL are both set, and a real key must never be sent to"
        " the sandbox. Remove ALLOY_SANDBOX_URL to go live, or ALLOY_API_KEY to play."
    )
_SANDBOX = env("ALLOY_SANDBOX_URL") or f"http://localhost:{SANDBOX_PORT}"
ALLOY_TENANT_MODEL = "accounts.User"
ALLOY = {
    "API_KEY": env("ALLOY_API_KEY") or "sandbox_demo",
    "SANDBOX_URL": "" if ALLOY_LIVE else _SANDBOX,
    "REGION": env("ALLOY_REGION"),
    "API_VERSION": env("ALLOY_API_VERSION"),
    "CONNECTIVITY_VERSION": env("ALLOY_CONNECTIVITY_VERSION"),
    "ENVIRONMENT": env("ALLOY_ENVIRONMENT"),
    "WEBHOOK_BASE_URL": env("ALLOY_WEBHOOK_BASE_URL") or f"http://localhost:{PORT}",
    "WEBHOOK_TOKENS": env("ALLOY_WEBHOOK_TOKEN") or ["development-webhook-token"],
    "INTEGRATIONS_MAX_AGE": 10,
    "DELETE_AT_ALLOY": True,  # a merchant whose row is deleted is erased at Alloy, too
}


# Django

INSTALLED_APPS = [
    "whitenoise.runserver_nostatic",
    "acmeco.apps.OperationsConfig",  # django.contrib.admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_structlog",
    "acmeco.apps.AcmeCoConfig",
    "accounts",
    "orders",
    "meetings",
    # The optional parts come first: their templates build on those of `integrations`.
    "integrations.contrib.activity",
    "integrations.contrib.backfill",
    "integrations.contrib.connectivity",
    "integrations.contrib.doctor",
    "integrations.contrib.links",
    "integrations.contrib.partitions",
    "integrations.contrib.privacy",
    "integrations.contrib.traffic",
    "integrations",
]

MIDDLEWARE = [
    "acmeco.visitor.VisitorAddressMiddleware",  # before whatever asks for the address
    # These four first: what comes after them may answer by itself, with a file or a redirect.
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "acmeco.headers.add_headers",
    "acmeco.middleware.send_no_body_to_head",
    "acmeco.health.answer_probes",  # before whatever looks at the host
    "acmeco.middleware.RefuseUnreadable",
    "integrations.webhooks.WebhookMiddleware",  # webhooks need nothing of what follows
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Safe against BREACH: the one secret in pages, the CSRF token, is masked differently each time;
    # other sites can ask for pages with our cookies by navigating only (SameSite); and Django adds
    # random bytes, so that lengths tell nothing.
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",  # files and webhooks are the same in any language
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.preferences.activate_preferences",
    "accounts.erased.ErasedAccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "acmeco.middleware.LogRequests",
    "acmeco.replica.choose_database",
    "acmeco.middleware.refuse_large_forms",
    "acmeco.middleware.vary_by_htmx",
    "acmeco.middleware.take_head_for_get",
    "acmeco.middleware.lead_to_the_page",
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

_KEPT = {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
DATABASES: dict[str, dict[str, Any]] = {"default": env("DATABASE_URL")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    # One writer at a time, asked for when the transaction begins: readers never wait, and writers
    # queue instead of failing with "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
        **DATABASES["default"].get("OPTIONS", {}),
    }
    DATABASES["default"]["TEST"] = {"NAME": str(BASE_DIR / "var" / "test.sqlite3")}
else:
    DATABASES["default"] = {**_KEPT, **DATABASES["default"]}

if env("DATABASE_DIRECT_URL"):  # past a pooler, for `relay --listen-on direct`
    DATABASES["direct"] = {**env("DATABASE_DIRECT_URL"), "TEST": {"MIRROR": "default"}}
if env("DATABASE_REPLICA_URL"):  # for the pages of acmeco/replica.py
    DATABASES["replica"] = {**_KEPT, **env("DATABASE_REPLICA_URL"), "TEST": {"MIRROR": "default"}}

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

# The language and the time zone of whoever says nothing else: see accounts/preferences.py.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
FORMAT_MODULE_PATH = "acmeco.formats"
LOCALE_PATHS = [BASE_DIR / "locale"]  # templates/ and acmeco/; every app has its own
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = not DEBUG
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "acmeco.static_files.DevelopmentStorage"
            if DEBUG
            else "acmeco.static_files.ProductionStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

vars().update(env("EMAIL_URL"))  # EMAIL_BACKEND, EMAIL_HOST and so on
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL")


# Sign-up and login, by django-allauth

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.addresses.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_FORMS = {
    "login": "accounts.addresses.LoginForm",
    "signup": "accounts.addresses.SignupForm",
    "add_email": "accounts.addresses.AddEmailForm",
    "reset_password": "accounts.addresses.ResetPasswordForm",
}
# An address has no owner until it is proved. Only the demo lets people in without proof.
ACCOUNT_EMAIL_VERIFICATION = "none" if DEBUG else "mandatory"
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 1
ACCOUNT_CHANGE_EMAIL = True  # one address each: the new one replaces the old one once it is proved
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # in the browser that signed up, and no other
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = False  # see docs/threat-model.md
MFA_ADAPTER = "accounts.second_factor.SecondFactorAdapter"
MFA_TOTP_ISSUER = "AcmeCo"
MFA_TOTP_TOLERANCE = 1  # a code of 30 seconds ago counts, for clocks that are a little wrong
ADMIN_NEEDS_SECOND_FACTOR = not DEBUG
ACCOUNT_RATE_LIMITS = {
    "signup": "60/m/ip",
    "login": "60/m/ip",
    "login_failed": "30/m/ip,5/5m/key",
    "confirm_email": "3/3m/key",
}


# Celery. A task is only a hint that some row is due: the row is what guarantees the work, so tasks
# are acknowledged early, are never retried by the broker and never carry a countdown.

REDIS_URL = env("REDIS_URL").url  # as redis-py spells it
CELERY_BROKER_URL = env("REDIS_URL").broker_url  # as Celery does
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
    "socket_keepalive_options": tcp_keepalive.REDIS,
    **env("REDIS_URL").options,
}
CELERY_BEAT_SCHEDULE = {
    **integrations.schedule(),
    "delete expired sessions": {
        "task": "accounts.tasks.clear_sessions",
        "schedule": 3600.0,
        "options": {"expires": 3600.0},
    },
    "delete accounts that nobody proved to be theirs": {
        "task": "acmeco.tasks.forget_unproved",
        "schedule": 3600.0,
        "options": {"expires": 3600.0},
    },
}


# Rate limits, of allauth and of `integrations/`: who is one visitor, and where it is counted.

TRUSTED_PROXY_COUNT = env("TRUSTED_PROXY_COUNT")
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # it believes X-Forwarded-For: see acmeco/visitor.py
CACHES = {
    "default": {
        "BACKEND": "acmeco.cache.SharedCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "acmeco",
    }
}


# Prometheus reads /metrics with this token; without one only operators see the page.
METRICS_TOKEN = env("METRICS_TOKEN")


# Security

# A form is read into memory or refused: see acmeco/middleware.py. Nothing lands on the disk.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
SECURE_SSL_REDIRECT = not DEBUG
SECURE_HSTS_SECONDS = 0 if DEBUG else 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEBUG
SECURE_HSTS_PRELOAD = not DEBUG
SECURE_REDIRECT_EXEMPT = [r"(^|/)(healthz|readyz)$"]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# "__Host-": a browser takes such a cookie over TLS only, and from this host alone.
SESSION_ENGINE = "acmeco.sessions"
SESSION_COOKIE_NAME = "sessionid" if DEBUG else "__Host-sessionid"
SESSION_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_NAME = "csrftoken" if DEBUG else "__Host-csrftoken"
CSRF_COOKIE_SECURE = not DEBUG
CSRF_COOKIE_HTTPONLY = True  # pages carry the token themselves
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
X_FRAME_OPTIONS = "DENY"
if env("BEHIND_TLS_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Pages that need Alloy's hosts, or no Trusted Types, say so in acmeco/headers.py.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "frame-src": [SELF],
        "connect-src": [SELF],
        "img-src": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "require-trusted-types-for": "'script'",
        "trusted-types": ["default"],  # static/js/acmeco.js
        "report-uri": [reverse_lazy("csp-report")],
    }
}


# Logs: one JSON object a line, or readable lines while developing.

LOGGING = logging_config(json=not DEBUG if env("LOG_JSON") is None else env("LOG_JSON"))
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line a request, when it is over
