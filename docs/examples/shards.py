"""Tenants spread over several databases: a Django router, and a middleware that chooses.

Copy it beside your settings, and name every database but "default", which stays empty:

    DATABASES = {"default": {}, "a": {...}, "b": {...}}
    DATABASE_ROUTERS = ["mysite.shards.ShardRouter"]
    MIDDLEWARE = [..., "mysite.shards.choose_shard", "integrations.webhooks.WebhookMiddleware", ...]
    CELERY_BROKER_URL = ""  # a task would not say which shard it is about; each has its relay

People come to https://a.acme.example: the address says the shard, and so which session counts.
Alloy posts to one address for all, and names a user. Whatever is no request, such as
`SHARD=a manage.py relay` and `SHARD=a manage.py migrate --database a`, works on the shard SHARD.

A tenant's rows, with the tenant's own, are all in one shard: no query joins two of them, and the
transaction that changes an order also publishes its event. Where your own code begins one, say on
which database: `integrations.database.atomic()` does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound

from integrations import conf
from integrations.models import AlloyUser

_chosen = ContextVar("shard", default="")


def shards() -> list[str]:
    """Return the names of all shards."""
    return [alias for alias in connections if alias != DEFAULT_DB_ALIAS]


def current() -> str:
    """Return the shard that is worked on; nothing is ever written to one that nobody named."""
    shard = _chosen.get() or os.environ.get("SHARD", "")
    if not shard:
        raise ImproperlyConfigured("No shard was chosen: set the variable SHARD, or use `on`.")
    return shard


@contextmanager
def on(shard: str) -> Iterator[None]:
    """Work on this shard."""
    token = _chosen.set(shard)
    try:
        yield
    finally:
        _chosen.reset(token)


class ShardRouter:
    """Sends every query to the shard its row came from, or else to the current one."""

    def db_for_read(
        self, model: type[Model], instance: Model | None = None, **_hints: Any
    ) -> str | None:
        known = instance._state.db if instance else None
        return known or current()

    db_for_write = db_for_read

    def allow_relation(self, one: Model, other: Model, **_hints: Any) -> bool:
        return one._state.db == other._state.db


def choose_shard(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer each request on its shard; at an address that is none's, nobody lives."""

    def answer(request: HttpRequest) -> HttpResponse:
        shard = _shard_of(request)
        if shard not in shards():
            return HttpResponseNotFound()
        with on(shard):
            return get_response(request)

    return answer


def _shard_of(request: HttpRequest) -> str:
    token, _, kind = request.path_info.removeprefix("/webhooks/alloy/").partition("/")
    if token in conf.read().WEBHOOK_TOKENS:  # else it costs no query
        return _shard_of_alloy_user(_user_named_in(request, kind))
    return request.get_host().partition(".")[0]


def _user_named_in(request: HttpRequest, kind: str) -> str:
    """Return the userId. Nobody has to believe it: on a wrong shard it is nobody's."""
    if kind.strip("/") != "installations":
        return request.GET.get("userId", "") or request.headers.get("X-Alloy-UserId", "")
    try:
        return str(json.loads(request.body)["userId"])
    except (ValueError, KeyError, TypeError):
        return ""


@lru_cache(maxsize=100_000)
def _known_shard_of(user_id: str) -> str:
    """Ask one shard after the other; with dozens of them, keep a table of who is where instead."""
    for shard in shards():
        if AlloyUser.objects.using(shard).filter(user_id=user_id).exists():
            return shard
    raise LookupError


def _shard_of_alloy_user(user_id: str) -> str:
    """Return the shard; of nobody's the first, which refuses or keeps it as one database would."""
    try:
        return _known_shard_of(user_id)
    except LookupError:
        return shards()[0]
