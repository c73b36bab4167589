"""The cache that all web processes count their rate limits in."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from acmeco.sentinel import pool_class

log = structlog.get_logger(__name__)

SECONDS_TO_WAIT = 0.5
SECONDS_BEFORE_RETRY = 5.0


class Json:
    """Stores values in Redis as JSON: unpickling what others wrote there could run their code."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        return json.loads(data)


def _or_memory(name: str) -> Callable[..., Any]:
    """Return a method that asks Redis, and this process's memory while Redis does not answer."""

    def method(self: SharedCache, *args: Any, **options: Any) -> Any:
        if time.monotonic() >= SharedCache.retry_at:
            try:
                return getattr(RedisCache, name)(self, *args, **options)
            except (RedisError, OSError) as error:
                SharedCache.retry_at = time.monotonic() + SECONDS_BEFORE_RETRY
                log.warning("counting_per_process", error=str(error))
        return getattr(self.memory, name)(*args, **options)

    return method


class SharedCache(RedisCache):
    """Redis; while it is away, every process counts in its own memory, so limits are laxer.

    A login must neither fail nor hang because Redis does.
    """

    retry_at = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = {
            "pool_class": pool_class(server),
            "serializer": Json(),
            "socket_timeout": SECONDS_TO_WAIT,
            "socket_connect_timeout": SECONDS_TO_WAIT,
            "retry": Retry(NoBackoff(), 1),  # a kept connection may have been closed meanwhile
        }
        super().__init__([server], {**params, "OPTIONS": options})
        self.memory = LocMemCache("while Redis is away", params)

    add = _or_memory("add")
    get = _or_memory("get")
    set = _or_memory("set")
    touch = _or_memory("touch")
    delete = _or_memory("delete")
    has_key = _or_memory("has_key")
    incr = _or_memory("incr")
    get_many = _or_memory("get_many")
    set_many = _or_memory("set_many")
    delete_many = _or_memory("delete_many")

    def clear(self) -> None:
        """Forget what this process counted; never what is in Redis, where Celery's queues are."""
        self.memory.clear()
