"""The Redis that Sentinel calls the master.

https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/

Celery finds it by itself. This is for redis-py, which the cache and the launcher use.
"""

from __future__ import annotations

from typing import Any, Self
from urllib.parse import parse_qsl, unquote

from redis.connection import ConnectionPool
from redis.sentinel import Sentinel, SentinelConnectionPool

from acmeco.service_urls import sentinel_options, split_sentinels


class MasterPool(SentinelConnectionPool):
    """Connections to whoever is the master now; after a failover they lead to the new one."""

    @classmethod
    def from_url(cls, url: str, **options: Any) -> Self:
        """Return a pool for a URL as `service_urls.redis` writes it."""
        parts = split_sentinels(url)
        addresses = parts.netloc.rpartition("@")[2].split(",")
        hosts = [each.rpartition(":")[::2] for each in addresses]
        known = sentinel_options(dict(parse_qsl(parts.query)))
        return cls(
            known["master_name"],
            Sentinel(  # type: ignore[no-untyped-call]  # redis-py's is untyped
                [(host.strip("[]"), int(port)) for host, port in hosts],
                sentinel_kwargs=known["sentinel_kwargs"],
            ),
            db=int(parts.path.strip("/")),
            username=unquote(parts.username or "") or None,
            password=unquote(parts.password or "") or None,
            **options,
        )


def pool_class(url: str) -> type[ConnectionPool]:
    """Return the kind of pool that a URL needs."""
    return MasterPool if url.startswith("sentinel:") else ConnectionPool
