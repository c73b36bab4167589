"""Ids that a page showed to a tenant, signed: only what was shown can be sent back.

Nothing in an execution's id tells whose it is, and Alloy's documentation does not say that Alloy
looks. So nobody but the tenant whose runs were listed may name one of them.
"""

from __future__ import annotations

from django.core.signing import BadSignature, Signer
from django.http import Http404

from integrations.models import AlloyUser


def signed(execution_id: str, *, alloy_user: AlloyUser) -> str:
    """Return what the page of this tenant may send back for the execution."""
    return _signer(alloy_user).sign(execution_id)


def unsigned(value: str, *, alloy_user: AlloyUser) -> str:
    """Return the execution's id. Raises `Http404` for what was not shown to this tenant."""
    try:
        return _signer(alloy_user).unsign(value)
    except BadSignature:
        raise Http404("No such execution.") from None


def _signer(alloy_user: AlloyUser) -> Signer:
    return Signer(salt=f"{__name__}:{alloy_user.environment}:{alloy_user.user_id}")
