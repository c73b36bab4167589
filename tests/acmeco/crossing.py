"""What there is to be crossed: every URL, what belongs to somebody, and how to ask for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import Model
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from accounts.models import User
from integrations.contrib.connectivity.models import Connection
from integrations.contrib.links.models import InstallLink
from integrations.models import AlloyUser
from meetings.models import Meeting
from orders.models import Order

INTEGRATION = "63ea758e82c3074141968bb9"

# Who may come in is decided there otherwise, and tested there: staff, tokens, allauth's own pages.
ELSEWHERE = ("accounts/", "admin/", "webhooks/", "metrics", "csp-report")
# What a URL may take that is nobody's: everybody has the same integrations and connectors.
EVERYBODYS = {"integration_id": INTEGRATION, "connector_id": "notion"}
# Pages that somebody who is not logged in may see: their own words only.
PUBLIC = {"", "favicon.ico", "language/", "robots.txt"}


def mark(owner: User) -> str:
    """Return words that only their owner may see."""
    return f"a-mark-that-only-owner-{owner.pk}-may-see"


def marks_in(content: str) -> set[str]:
    """Return the ids of the owners whose marks are in there."""
    return set(re.findall(r"a-mark-that-only-owner-(\d+)-may-see", content))


def _environment(owner: User) -> str:
    return AlloyUser.objects.get(tenant=owner).environment


def _order(owner: User) -> Any:
    name = mark(owner)
    order, _ = Order.objects.get_or_create(merchant=owner, external_id=name, customer_name=name)
    return order.pk


def _meeting(owner: User) -> Any:
    name = mark(owner)
    return Meeting.objects.get_or_create(
        merchant=owner, title=name, notes=name, defaults={"starts_at": timezone.now()}
    )[0].pk


def _connection(owner: User) -> Any:
    return Connection.objects.get_or_create(
        tenant=owner,
        environment=_environment(owner),
        connector="notion",
        credential_id=f"c{owner.pk:023}",
        name=mark(owner),
    )[0].pk


def _link(owner: User) -> Any:
    return InstallLink.objects.get_or_create(
        tenant=owner,
        environment=_environment(owner),
        integration_id=INTEGRATION,
        defaults={"expires_at": timezone.now() + timedelta(days=1)},
    )[0].pk


OWNED: dict[tuple[str, str], Callable[[User], Any]] = {
    ("orders/", "pk"): _order,
    ("meetings/", "pk"): _meeting,
    ("integrations/connections/", "pk"): _connection,
    ("integrations/connections/", "token"): lambda owner: "somebody-elses-state",
    ("integrations/", "pk"): _link,
}


def _routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _routes(entry, route)
        elif not route.lstrip("^").startswith(ELSEWHERE):
            yield route


ROUTES = sorted(set(_routes()))


def _owned(route: str, name: str) -> Callable[[User], Any] | None:
    fitting = [prefix for prefix, of in OWNED if of == name and route.startswith(prefix)]
    return OWNED[max(fitting, key=len), name] if fitting else None


_PLACE = r"<(?:\w+:)?(?P<name>\w+)>"


def takes_something_owned(route: str) -> bool:
    """Whether the route takes the id of something that belongs to somebody."""
    return any(_owned(route, name) for name in re.findall(_PLACE, route))


def fill_in(route: str, owner: User) -> str:
    """Return the address, with ids of the owner's things."""

    def value(match: re.Match[str]) -> str:
        name = match.group("name")
        if make := _owned(route, name):
            return str(make(owner))
        assert name in EVERYBODYS, f"Say in OWNED or EVERYBODYS what <{name}> in {route!r} is."
        return EVERYBODYS[name]

    return "/" + re.sub(_PLACE, value, route)


def give_one_of_each(owner: User) -> None:
    """Make everything that `OWNED` knows."""
    for make in OWNED.values():
        make(owner)


def content_of(answer: HttpResponseBase) -> bytes:
    """Return the whole body, streamed or not."""
    if isinstance(answer, StreamingHttpResponse):
        return answer.getvalue()
    assert isinstance(answer, HttpResponse)
    return answer.content


def belongings(owners: Iterable[User]) -> dict[str, list[dict[str, Any]]]:
    """Return every row that belongs to one of the owners, to see that none of them changed."""
    return {
        f"{model._meta.label} by {path}": list(
            model._default_manager.filter(**{f"{path}__in": [owner.pk for owner in owners]})
            .order_by("pk")
            .values()
        )
        for model in apps.get_models()
        for path in _ways_to_the_owner(model)
    }


def _ways_to_the_owner(model: type[Model], *, steps: int = 2) -> Iterator[str]:
    """Yield the look-ups that lead from a model to the user it belongs to."""
    if model is get_user_model():
        yield "pk"
    for field in model._meta.concrete_fields if steps else ():
        target = field.related_model
        if isinstance(target, type):
            for way in _ways_to_the_owner(target, steps=steps - 1):
                yield field.name if way == "pk" else f"{field.name}__{way}"
