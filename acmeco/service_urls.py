"""Reads DATABASE_URL, REDIS_URL and EMAIL_URL, however the docs of the libraries spell them.

What cannot be used is a `ValueError` that says what the variable must be.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

import environ
import psycopg
from django.core.exceptions import ImproperlyConfigured

from acmeco import silence

_BASE_DIR = Path(__file__).resolve().parent.parent

_POSTGRESQL = ("postgres", "postgresql", "psql", "pgsql")
_DJANGOS_FLAGS = {"CONN_HEALTH_CHECKS", "DISABLE_SERVER_SIDE_CURSORS"}
_NOT_OURS_TO_CHANGE = {"ATOMIC_REQUESTS", "AUTOCOMMIT"}  # no call to Alloy is in a transaction
_A_DATABASE = (
    "the URL of a PostgreSQL or SQLite, such as postgres://user:password@host:5432/name,"
    " postgres://user@%2Fvar%2Frun%2Fpostgresql/name for a Unix socket, or"
    " sqlite:///var/acmeco.sqlite3, with special characters percent-encoded"
)

_TCP = {"redis": "redis", "rediss": "rediss"} | {"valkey": "redis", "valkeys": "rediss"}
_SOCKETS = ("unix", "redis+socket", "redis+unix", "valkey+socket")
_A_REDIS = (
    "the URL of one Redis, such as redis://user:password@localhost:6379/0, rediss://... for TLS, or"
    " redis+socket:///run/redis.sock?virtual_host=0 for a Unix socket, with special characters"
    " percent-encoded; Sentinel and Cluster are not supported"
)
_TLS_FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")  # that redis-py and kombu read alike
_WHOLE_NUMBERS = {
    *("connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval"),
    *("keepalives_count", "tcp_user_timeout"),
}
_CERTIFICATES = {"none": "none", "optional": "optional", "required": "required"} | {
    f"CERT_{each.upper()}": each for each in ("none", "optional", "required")
}


def database(text: str) -> dict[str, Any]:
    """Return what Django's DATABASES holds for the database at a URL."""
    scheme, _, rest = text.partition("://")
    if scheme == "sqlite":
        return _sqlite(text, host=rest.partition("/")[0])
    try:
        parts = urlsplit(text)
        config = environ.Env.db_url_config(text) if scheme in _POSTGRESQL else {}
        config |= {name: _yes(str(config[name])) for name in _DJANGOS_FLAGS & config.keys()}
    except (ValueError, KeyError) as error:
        raise ValueError(_A_DATABASE) from error
    is_named = config.get("NAME") or "service=" in parts.query
    if parts.fragment or not is_named or _NOT_OURS_TO_CHANGE & config.keys():
        raise ValueError(_A_DATABASE)
    return config | _socket_of(parts) | {"OPTIONS": _known_to_postgresql(config)}


def _sqlite(text: str, *, host: str) -> dict[str, Any]:
    config: dict[str, Any] = environ.Env.db_url_config(text) if host in ("", ":memory:") else {}
    if not config or "#" in text or set(config.get("OPTIONS", {})) - {"timeout"}:
        raise ValueError(_A_DATABASE)
    if config["NAME"] != ":memory:":
        config["NAME"] = str(_BASE_DIR / config["NAME"])
    return config


def _socket_of(parts: SplitResult) -> dict[str, str]:
    """Return the folder of a socket that stands in the host's place, as libpq writes it: %2F..."""
    host = parts.netloc.rpartition("@")[2].partition(":")[0]
    return {"HOST": unquote(host)} if host.lower().startswith("%2f") else {}


def _known_to_postgresql(config: dict[str, Any]) -> dict[str, Any]:
    """Return the options, with a time limit; `ValueError` for a name or a value that is none."""
    options: dict[str, Any] = config.get("OPTIONS", {})
    try:
        conninfo = psycopg.conninfo.make_conninfo(**options, host="/nowhere")
    except psycopg.ProgrammingError as error:
        raise ValueError(
            f"without options that PostgreSQL does not know: {str(error).strip()}"
        ) from error
    for name in _WHOLE_NUMBERS & options.keys():
        if not re.fullmatch("[0-9]{1,9}", str(options[name])):
            raise ValueError(f"with a whole number for {name}")
    # Nobody listens there, so libpq looks at the words in the options and at nothing else.
    started = psycopg.pq.PGconn.connect_start(conninfo.encode())
    told = started.error_message.decode(errors="replace").strip()
    started.finish()
    if told.startswith("invalid "):
        raise ValueError(f"without options that PostgreSQL does not know: {told}")
    return {**silence.POSTGRESQL, **options}


@dataclass(frozen=True)
class RedisUrl:
    """One Redis, as each library wants to be told of it.

    `url` is as redis-py spells it, `broker_url` as Celery's kombu does, and `options` are Celery's
    `broker_transport_options`.
    """

    url: str
    broker_url: str
    options: dict[str, Any]


def redis(text: str) -> RedisUrl:
    """Return the Redis at a URL."""
    try:
        parts = _parts(text)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        options = {name: take(query.pop(name)) for name, take in _OPTIONS.items() if name in query}
        login = _login(parts, query)
        database = _database_number(parts, query)
        tls = _tls(parts, query)
        if query:
            raise ValueError(f"unknown options: {', '.join(query)}")
        address = _address(parts)
    except (ValueError, KeyError) as error:
        raise ValueError(_A_REDIS) from error
    if parts.scheme in _SOCKETS:
        told = urlencode({"db": database, **options})
        broker = f"redis+socket://{login}{address}?virtual_host={database}"
        return RedisUrl(f"unix://{login}{address}?{told}", broker, options)
    url = f"{_TCP[parts.scheme]}://{login}{address}/{database}"
    return RedisUrl(_with(url, tls | options), _with(url, tls), options)


def _with(url: str, options: dict[str, Any]) -> str:
    return f"{url}?{urlencode(options)}" if options else url


def _login(parts: SplitResult, query: dict[str, str]) -> str:
    user = query.pop("username", unquote(parts.username or ""))
    password = query.pop("password", unquote(parts.password or ""))
    return f"{quote(user, safe='')}:{quote(password, safe='')}@" if user or password else ""


def _database_number(parts: SplitResult, query: dict[str, str]) -> int:
    """Return the number that stands in the options or, of a host's Redis, in the path."""
    in_path = "" if parts.scheme in _SOCKETS else parts.path.strip("/")
    number = query.pop("virtual_host", query.pop("db", in_path)).strip("/") or "0"
    if not re.fullmatch("[0-9]{1,9}", number):
        raise ValueError("no number of a database")
    return int(number)


def _tls(parts: SplitResult, query: dict[str, str]) -> dict[str, str]:
    """Return what is said of certificates: they are verified unless the URL says otherwise."""
    if _TCP.get(parts.scheme) != "rediss":
        return {}
    required = _CERTIFICATES[query.pop("ssl_cert_reqs", "required")]
    return {"ssl_cert_reqs": required} | {
        name: query.pop(name) for name in _TLS_FILES if name in query
    }


def _address(parts: SplitResult) -> str:
    """Return the host and port, or the path of the socket."""
    if parts.scheme in _SOCKETS:
        if parts.hostname or len(parts.path) < 2:
            raise ValueError("no path of a socket")
        return quote(unquote(parts.path))
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme not in _TCP or re.search(",|%2f", host, re.IGNORECASE):
        raise ValueError("not one Redis")
    return host or "localhost"


def _yes(text: str) -> bool:
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[
        text.lower()
    ]


_OPTIONS: dict[str, Callable[[str], Any]] = {
    "socket_timeout": float,
    "socket_connect_timeout": float,
    "socket_keepalive": _yes,
    "health_check_interval": int,
    "retry_on_timeout": _yes,
    "max_connections": int,
    "client_name": str,
}


def email(text: str) -> dict[str, Any]:
    """Return Django's EMAIL settings for a mail server at a URL."""
    try:
        parts = _parts(text)
        if parts.scheme.startswith("smtp") and (not parts.hostname or parts.query):
            raise ValueError("no host, or options that Django does not have")
        return dict(environ.Env.email_url_config(text))
    except (ValueError, ImproperlyConfigured) as error:
        raise ValueError(
            "the URL of a mail server, such as smtp+tls://user:password@host:587, or consolemail://"
        ) from error


def _parts(text: str) -> SplitResult:
    """Return a URL's parts. Raises `ValueError` where one is none, such as the port."""
    parts = urlsplit(text)
    if parts.fragment or parts.port == 0:
        raise ValueError("a # that is not encoded, or a port that is none")
    return parts
