"""django-allauth's forms, where they looked first and wrote later, or took a claim for a proof."""

from __future__ import annotations

from typing import Any

from allauth.account import app_settings, forms
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.db import router, transaction
from django.http import HttpRequest

from accounts.models import User, normal_address
from accounts.selectors import is_taken, who_may_reset


class LoginForm(forms.LoginForm):  # type: ignore[misc]  # allauth comes without types
    """Takes any spelling of the address; the keyboard is where one begins to type."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autofocus"] = True

    def clean_login(self) -> str:
        return normal_address(self.cleaned_data["login"])


class SignupForm(forms.SignupForm):  # type: ignore[misc]
    """Makes an account with its address, or neither."""

    def validate_unique_email(self, value: str) -> str:
        self.account_already_exists = is_taken(value)
        if self.account_already_exists and not app_settings.PREVENT_ENUMERATION:
            raise get_adapter().validation_error("email_taken")
        return value

    def try_save(self, request: HttpRequest) -> Any:
        """Save; raises `IntegrityError` where somebody else took the address since we looked."""
        with transaction.atomic(using=router.db_for_write(User)):
            return super().try_save(request)


class AddEmailForm(forms.AddEmailForm):  # type: ignore[misc]
    """Writes down the address that somebody wishes to change to, once it is proved."""

    def clean_email(self) -> str:
        address: str = get_adapter().clean_email(self.cleaned_data["email"])
        if address == self.user.email:
            raise get_adapter().validation_error("duplicate_email")
        if is_taken(address, by_others_than=self.user):
            raise get_adapter().validation_error("email_taken")
        return address

    def save(self, request: HttpRequest) -> EmailAddress:
        """Forget an earlier wish, keep the address that is in use, and send the letter."""
        wishes = EmailAddress.objects.filter(user=self.user, verified=False)
        wishes.exclude(email=self.user.email).delete()
        return EmailAddress.objects.add_email(
            request, self.user, self.cleaned_data["email"], confirm=True
        )


class ResetPasswordForm(forms.ResetPasswordForm):  # type: ignore[misc]
    """Sends the link to whose address it is, and not to who only claimed it."""

    def clean_email(self) -> str:
        address: str = get_adapter().clean_email(self.cleaned_data["email"])
        self.users = who_may_reset(address)
        return address
