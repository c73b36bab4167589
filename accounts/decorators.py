"""What a view may ask of whoever is logged in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from allauth.account.decorators import reauthentication_required
from django.http.response import HttpResponseBase

V = TypeVar("V", bound=Callable[..., HttpResponseBase])


def password_again(view: V) -> V:
    """Decorate a view: it goes on once the password was typed again, or was within five minutes.

    For what would hurt most in a browser that was left open. A form is kept meanwhile.
    """
    return cast(V, reauthentication_required(view))
