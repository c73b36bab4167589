"""The settings this app reads, each with its default. Nothing else in the app reads settings."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings

from integrations.alloy import Hosts


@dataclass(frozen=True, repr=False)
class Account:
    """Which Alloy account we talk to: key, hosts and API version."""

    api_key: str
    hosts: Hosts
    version: str

    @property
    def stand_in(self) -> str:
        """The one origin that stands in for all of Alloy, such as a sandbox, or ""."""
        return self.hosts.app if self.hosts.app == self.hosts.cdn else ""

    @property
    def environment(self) -> str:
        """A short name for the key's environment, which says nothing about the key.

        An Alloy userId is valid in one environment only, so every row that depends on one carries
        this name. Name it yourself with ALLOY_ENVIRONMENT before you rotate a key, and the ids
        carry over; by default another key is another environment.
        """
        named: str = _setting("ENVIRONMENT", "")
        return named or _fingerprint(f"{self.hosts.embedded}|{self.api_key}")


def account() -> Account:
    """Return the account the settings describe."""
    return Account(
        api_key=_setting("API_KEY", "") or "",
        hosts=_setting("HOSTS", None) or Hosts.for_region(_setting("REGION", "us")),
        version=_setting("API_VERSION", "2023-12"),
    )


def connectivity_version() -> str:
    """Return the version of the Connectivity API, which is not that of the Embedded API."""
    return str(_setting("CONNECTIVITY_VERSION", "2025-09"))


def environment() -> str:
    """Return the name of the environment that rows made now belong to."""
    return account().environment


def tenant_model() -> str:
    """Return the `app_label.Model` that owns an Alloy user; the user model unless set."""
    return str(_setting("TENANT_MODEL", settings.AUTH_USER_MODEL))


def users_are_tenants() -> bool:
    """Say whether every user is a tenant; elsewhere they are members of one, say a company."""
    return tenant_model().lower() == settings.AUTH_USER_MODEL.lower()


def tenant_of_request() -> str:
    """Return the dotted path of the function that maps a request to its tenant."""
    return str(_setting("TENANT_OF_REQUEST", "integrations.tenants.user_of"))


def webhook_base_url() -> str:
    """Return the public origin (and path prefix, if any) that Alloy posts to."""
    return str(_setting("WEBHOOK_BASE_URL", "")).rstrip("/")


def webhook_tokens() -> list[str]:
    """Return the tokens accepted in webhook URLs: the current one, then older ones."""
    return list(_setting("WEBHOOK_TOKENS", ()))


def webhook_max_bytes() -> int:
    """Return the size in bytes above which a webhook is refused unread."""
    return int(_setting("WEBHOOK_MAX_BYTES", 2 * 1024 * 1024))


def secrets() -> list[str]:
    """Return what must never be seen in a log: the API key and the webhook tokens."""
    return [_setting("API_KEY", ""), *_setting("WEBHOOK_TOKENS", ())]


def integrations_max_age() -> timedelta:
    """Return how long a copy of a tenant's integrations counts as fresh."""
    return timedelta(seconds=_setting("INTEGRATIONS_MAX_AGE", 60))


def lease() -> timedelta:
    """Return how long a worker may hold a group or delivery before others may take it over.

    Longer than two calls to Alloy may take, or two workers could send the same message.
    """
    return timedelta(seconds=_setting("LEASE_SECONDS", 20))


def call_deadline() -> float:
    """Return the seconds after which a call to Alloy is given up."""
    return float(_setting("CALL_DEADLINE", 8.0))


def max_attempts() -> int:
    """Return after how many failed tries a message becomes a dead letter.

    With the waits in between, 40 tries outlast an outage of two hours.
    """
    return int(_setting("MAX_ATTEMPTS", 40))


def retention() -> timedelta:
    """Return how long delivered messages and processed deliveries are kept."""
    return timedelta(days=_setting("RETENTION_DAYS", 30))


def max_processing_attempts() -> int:
    """Return after how many failed tries a received delivery is set aside."""
    return int(_setting("MAX_PROCESSING_ATTEMPTS", 8))


def subject_fields() -> tuple[str, ...]:
    """Return the fields of a run's input that say what it was about, the best first."""
    return tuple(_setting("SUBJECT_FIELDS", ("orderId", "id")))


def install_link_lifetime() -> timedelta:
    """Return how long an Alloy Link works; its own dashboard is where Alloy lets you change it."""
    return timedelta(days=_setting("INSTALL_LINK_DAYS", 7))


def delete_at_alloy() -> bool:
    """Return whether deleting a tenant's row erases the tenant at Alloy, too; not by default."""
    return bool(_setting("DELETE_AT_ALLOY", False))


def retry_after_cap() -> float:
    """Return the longest Retry-After we obey, in seconds; a longer one is taken for a mistake."""
    return float(_setting("RETRY_AFTER_CAP", 3600.0))


def backoff_cap() -> float:
    """Return the longest wait between two tries, in seconds."""
    return float(_setting("BACKOFF_CAP", 600.0))


def _setting(name: str, default: Any) -> Any:
    return getattr(settings, f"ALLOY_{name}", default)


@lru_cache(maxsize=16)
def _fingerprint(text: str) -> str:
    return hashlib.sha256(f"alloy-environment|{text}".encode()).hexdigest()[:16]
