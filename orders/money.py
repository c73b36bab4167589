"""Amounts of money as the reader writes them, by CLDR: https://cldr.unicode.org"""

from __future__ import annotations

from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, format_decimal
from django.utils.translation import get_language, to_locale

_PLAIN = "#,##0.00"
_WITH_CODE = "#,##0.00 ¤¤"  # the code, since half the world's money is a dollar


def written(amount: Decimal, currency: str) -> str:
    """Return "1,500 JPY", "10.125 KWD" or, in German, "1.500,00 EUR".

    A currency has its own decimals, and one nobody knows has two. No digit is dropped, should the
    store have sent more than the currency has.
    """
    amount, locale = amount.normalize(), _locale()
    if not currency:
        return format_decimal(amount, _PLAIN, locale, decimal_quantization=False)
    return format_currency(amount, currency, _WITH_CODE, locale, decimal_quantization=False)


def _locale() -> Locale:
    try:
        return Locale.parse(to_locale(get_language() or "en"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
