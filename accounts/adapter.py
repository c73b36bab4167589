"""Where django-allauth asks us what may be an account."""

from __future__ import annotations

from smtplib import SMTPException
from typing import Any

import structlog
from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.internal.ratelimit import get_ip
from django.contrib import messages
from django.db import IntegrityError, router, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User, normal_address, validate_address

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # it comes without types
    """django-allauth's own choices, but for what it would do silently."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": gettext_lazy(
            "Too many failed login attempts from here. Wait five minutes, then try again."
        ),
    }

    def clean_email(self, email: str) -> str:
        """Return the one form of an address; refuse what is none of ours to keep."""
        validate_address(email)
        return normal_address(email)

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """Let whoever signs up be the address' owner where nobody is asked for proof: the demo."""
        return bool(app_settings.EMAIL_VERIFICATION == "none")

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Make the proved address the account's; False if it became somebody else's meanwhile."""
        try:
            with transaction.atomic(using=router.db_for_write(User)):
                return bool(super().confirm_email(request, email_address))
        except IntegrityError:
            message = _("%(email)s belongs to another account by now.")
            message %= {"email": email_address.email}
            self.add_message(request, messages.ERROR, message=message)
            return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a letter. When the mail server is away, the page says so instead of failing."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as error:
            log.error("mail_not_sent", letter=template_prefix, error=type(error).__name__)
            message = _("Our mail server does not answer, so no e-mail was sent. Try again later.")
            self.add_message(self.request, messages.ERROR, message=message)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell a user what was done to their account, at an address that is proved to be theirs."""
        proved = EmailAddress.objects.filter(user=user, verified=True, email=email or user.email)
        if email or proved.exists():
            super().send_notification_mail(template_prefix, user, context, email)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count wrong passwords by account and visitor: nobody can lock out somebody else."""
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}:{get_ip(request)}"


def address_is_proved(*, user: User, **_signal: Any) -> None:
    """Count an address as proved once the link in a letter to it was used to choose a password."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"primary": True, "verified": True}
    )
