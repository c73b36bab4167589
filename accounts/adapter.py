"""Where django-allauth asks us what may be an account."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal.ratelimit import get_ip
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # it comes without types
    """django-allauth's own choices, but for what it would do silently."""

    def clean_email(self, email: str) -> str:
        """Refuse an address that is longer than a user can have, and would else be cut."""
        longest = User._meta.get_field("email").max_length
        if longest is not None and len(email) > longest:
            raise ValidationError(f"An e-mail address has at most {longest} characters.")
        return email

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count wrong passwords by account and visitor: nobody can lock out somebody else."""
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}:{get_ip(request)}"
