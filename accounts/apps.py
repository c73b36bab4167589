from __future__ import annotations

from django.apps import AppConfig

SECONDS_TO_BE_COUNTED = 5.0


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People"  # allauth's own section is called "Accounts"

    def ready(self) -> None:
        """Connect to used reset links; let simultaneous visitors wait longer for the rate limit."""
        from allauth.account.signals import password_reset
        from allauth.core.internal import ratelimit

        from accounts.addresses import address_is_proved

        password_reset.connect(address_is_proved)
        ratelimit.CACHE_LOCK_WAIT_TIMEOUT = SECONDS_TO_BE_COUNTED
