"""The addresses that webhooks go to: the environment's, until somebody edits them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from django.conf import settings
from django.db import transaction

from alloy_sandbox.core.models import Destination

KINDS = ("installations", "orders", "errors")


def destinations() -> dict[str, str]:
    """Return {"installations", "orders", "errors"}: each a URL, or "" for none."""
    edited = dict(Destination.objects.values_list("kind", "url"))
    return {kind: edited.get(kind, settings.SANDBOX_DESTINATIONS[kind]) for kind in KINDS}


def destination(kind: str, user_id: str) -> str:
    """Return one address with the user's id put where it says `{userId}`."""
    return destinations()[kind].replace("{userId}", quote(user_id, safe=""))


@transaction.atomic
def set_destinations(*, urls: Mapping[str, str]) -> dict[str, str]:
    """Change the addresses named in `urls` and return all of them."""
    for kind, url in urls.items():
        Destination.objects.update_or_create(kind=kind, defaults={"url": url})
    return destinations()
