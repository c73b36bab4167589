"""Where django-allauth asks us what may be an account."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError

from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # it comes without types
    """django-allauth's own choices, but for what it would do silently."""

    def clean_email(self, email: str) -> str:
        """Refuse an address that is longer than a user can have, and would else be cut."""
        longest = User._meta.get_field("email").max_length
        if longest is not None and len(email) > longest:
            raise ValidationError(f"An e-mail address has at most {longest} characters.")
        return email
