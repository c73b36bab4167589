from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "People"  # allauth's own section is called "Accounts"
    default_auto_field = "django.db.models.BigAutoField"
