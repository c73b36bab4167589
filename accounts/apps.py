from __future__ import annotations

from django.apps import AppConfig

SECONDS_TO_BE_COUNTED = 5.0


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People"  # allauth's own section is called "Accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let who comes from one address at once wait to be counted: allauth refuses after 1 s."""
        from allauth.core.internal import ratelimit

        ratelimit.CACHE_LOCK_WAIT_TIMEOUT = SECONDS_TO_BE_COUNTED
