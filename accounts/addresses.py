"""Changes django-allauth so that an e-mail address belongs only to the account that proved it.

All of it uses allauth's extension points: the adapter, then forms and views by page. Its classes
come without types.
"""

from __future__ import annotations

from smtplib import SMTPException
from typing import Any

import structlog
from allauth.account import app_settings, forms, views
from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.models import EmailAddress
from allauth.core.internal.ratelimit import get_ip
from django.contrib import messages
from django.db import IntegrityError, router, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User, normal_address, validate_address
from accounts.preferences import browser_time_zone
from accounts.selectors import who_may_reset

log = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Keeps django-allauth's behaviour, except where it would fail silently."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": gettext_lazy(
            "Too many failed login attempts from here. Wait five minutes, then try again."
        ),
    }

    def clean_email(self, email: str) -> str:
        """Return the one form of an address; refuse what is none of ours to keep."""
        validate_address(email)
        return normal_address(email)

    def is_taken(self, address: str, *, by_others_than: User | None = None) -> bool:
        """Say whether an account has the address; an unproved wish for it does not count."""
        users = User.objects.filter(email=address)
        proved = EmailAddress.objects.filter(email=address, verified=True)
        if by_others_than is not None:
            users = users.exclude(pk=by_others_than.pk)
            proved = proved.exclude(user=by_others_than)
        return users.exists() or proved.exists()

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """Let whoever signs up be the address' owner where nobody is asked for proof: the demo."""
        return bool(app_settings.EMAIL_VERIFICATION == "none")

    def login(self, request: HttpRequest, user: User) -> None:
        """Log in; at the first login also store the browser's time zone, which letters need."""
        super().login(request, user)
        zone = browser_time_zone(request)
        if zone and not user.time_zone:
            User.objects.filter(pk=user.pk, time_zone="").update(time_zone=zone)
            user.time_zone = zone

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


class SignupForm(forms.SignupForm):  # type: ignore[misc]
    """Creates an account together with its address, or neither."""

    def validate_unique_email(self, value: str) -> str:
        self.account_already_exists = get_adapter().is_taken(value)
        if self.account_already_exists and not app_settings.PREVENT_ENUMERATION:
            raise get_adapter().validation_error("email_taken")
        return value

    def try_save(self, request: HttpRequest) -> Any:
        """Save; raises `IntegrityError` where somebody took the address after the form checked."""
        with transaction.atomic(using=router.db_for_write(User)):
            return super().try_save(request)


class SignupView(views.SignupView):  # type: ignore[misc]
    """Gives a contested address to the first who saves, and tells the others that it is taken."""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().form_valid(form)
        except IntegrityError:
            form.full_clean()  # now it finds the address taken
            response = super().form_valid(form) if form.is_valid() else self.form_invalid(form)
        return response


class LoginForm(forms.LoginForm):  # type: ignore[misc]
    """Takes any spelling of the address; the keyboard is where one begins to type."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autofocus"] = True

    def clean_login(self) -> str:
        return normal_address(self.cleaned_data["login"])


class AddEmailForm(forms.AddEmailForm):  # type: ignore[misc]
    """Writes down the address that somebody wishes to change to, once it is proved."""

    def clean_email(self) -> str:
        address: str = get_adapter().clean_email(self.cleaned_data["email"])
        if address == self.user.email:
            raise get_adapter().validation_error("duplicate_email")
        if get_adapter().is_taken(address, by_others_than=self.user):
            raise get_adapter().validation_error("email_taken")
        return address

    def save(self, request: HttpRequest) -> EmailAddress:
        """Forget an earlier wish, keep the address that is in use, and send the letter."""
        wishes = EmailAddress.objects.filter(user=self.user, verified=False)
        wishes.exclude(email=self.user.email).delete()
        return EmailAddress.objects.add_email(
            request, self.user, self.cleaned_data["email"], confirm=True
        )


class EmailView(views.EmailView):  # type: ignore[misc]
    """The page to change one's address; a new address replaces the old one once it is proved."""

    def _action_primary(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        get_adapter().add_message(
            request,
            messages.ERROR,
            message=_("An address becomes yours by the link we send to it, and in no other way."),
        )


class ResetPasswordForm(forms.ResetPasswordForm):  # type: ignore[misc]
    """Sends the link to whose address it is, and not to who only claimed it."""

    def clean_email(self) -> str:
        address: str = get_adapter().clean_email(self.cleaned_data["email"])
        self.users = who_may_reset(address)
        return address


def address_is_proved(*, user: User, **_signal: Any) -> None:
    """Count an address as proved once the link in a letter to it was used to choose a password."""
    EmailAddress.objects.update_or_create(
        user=user, email=user.email, defaults={"primary": True, "verified": True}
    )
