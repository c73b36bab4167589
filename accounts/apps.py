from __future__ import annotations

from django.apps import AppConfig

SECONDS_TO_BE_COUNTED = 5.0


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People"  # allauth's own section is called "Accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of used reset links; let who comes at once wait to be counted for more than 1 s."""
        from allauth.account.signals import password_reset
        from allauth.core.internal import ratelimit
        from django.contrib.auth.signals import user_logged_in

        from accounts.adapter import address_is_proved
        from accounts.preferences import time_zone_is_kept

        password_reset.connect(address_is_proved)
        user_logged_in.connect(time_zone_is_kept)
        ratelimit.CACHE_LOCK_WAIT_TIMEOUT = SECONDS_TO_BE_COUNTED
