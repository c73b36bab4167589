"""The one form in which e-mail addresses are kept and compared."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
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
    """Raise `ValidationError` for what mail servers, and other systems of ours, might read anew."""
    if len(address) > LONGEST:
        raise ValidationError(
            _("An e-mail address has at most %(most)d characters.") % {"most": LONGEST}
        )
    if not address.rpartition("@")[0].isascii():
        raise ValidationError(
            _("Before the @ an e-mail address has plain letters only, no accents.")
        )
