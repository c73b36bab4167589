"""The user: somebody who logs in with an e-mail address. In AcmeCo every user is a merchant."""

from __future__ import annotations

import unicodedata
from typing import Any, ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models, router, transaction
from django.db.models.functions import Lower
from django.utils.encoding import punycode
from django.utils.translation import gettext as _

LONGEST = 254
"""Characters; RFC 5321 allows no more."""


def normal_address(address: str) -> str:
    """Return the form that all spellings of one address share.

    Without capital letters, in Unicode's form NFKC, and with the domain as DNS knows it: so an
    operator who reads a domain that only looks like another one sees "xn--".
    """
    address = unicodedata.normalize("NFKC", address.strip()[: LONGEST + 1]).casefold()
    mailbox, at, domain = address.rpartition("@")
    try:
        return f"{mailbox}{at}{punycode(domain)}"
    except UnicodeError:  # no domain at all, as validators will say
        return address


def validate_address(address: str) -> None:
    """Raise `ValidationError` for what other systems, such as mail servers, may read otherwise."""
    if len(address) > LONGEST:
        raise ValidationError(
            _("An e-mail address has at most %(most)d characters.") % {"most": LONGEST}
        )
    if not address.rpartition("@")[0].isascii():
        raise ValidationError(
            _("Before the @ an e-mail address has plain letters only, no accents.")
        )


class UserManager(BaseUserManager["User"]):
    """Creates users by e-mail address instead of user name."""

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        """Return the one form of an address; Django's forms ask for it before they validate."""
        return normal_address(email or "")

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a merchant; without a password they cannot log in until they reset it."""
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create an operator who may do everything in the admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=self.normalize_email(username))


class User(AbstractUser):
    """A merchant, or an operator when `is_staff`. The e-mail address is the login."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField("full name", max_length=150, blank=True)
    email = models.EmailField("e-mail address", unique=True, validators=[validate_address])
    language = models.CharField(max_length=10, blank=True, help_text="Empty: as the browser says.")
    time_zone = models.CharField(max_length=64, blank=True, help_text="Empty: as the browser says.")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(Lower("email"), name="one_user_per_email_whatever_the_case"),
        )

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the user in one transaction with whatever its signals write."""
        self.email = normal_address(self.email)
        using = kwargs.get("using") or router.db_for_write(User, instance=self)
        with transaction.atomic(using=using):
            super().save(*args, **kwargs)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name or self.email
