"""Reads DATABASE_URL, REDIS_URL and EMAIL_URL, however the docs of the libraries spell them.

What cannot be used is a `ValueError` that says what the variable must be.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import (
    SplitResult,
    parse_qsl,
    quote,
    unquote,
    unquote_to_bytes,
    urlencode,
    urlsplit,
)

import environ
from django.core.exceptions import ImproperlyConfigured

from acmeco import tcp_keepalive

_BASE_DIR = Path(__file__).resolve().parent.parent

_POSTGRESQL = {
    f"{name}{driver}"
    for name in ("postgres", "postgresql", "psql", "pgsql")
    for driver in ("", "+psycopg", "+psycopg2")
}
_A_DATABASE = (
    "the URL of a PostgreSQL or SQLite, such as postgres://user:password@host:5432/name,"
    " postgres://a,b/name?target_session_attrs=read-write for several hosts,"
    " postgres://user@%2Fvar%2Frun%2Fpostgresql/name for a Unix socket, or"
    " sqlite:///var/acmeco.sqlite3, with special characters percent-encoded and an IPv6 address"
    " in brackets"
)

_TCP = {"redis": "redis", "rediss": "rediss"} | {"valkey": "redis", "valkeys": "rediss"}
_SENTINEL = ("sentinel", "redis+sentinel")
_SOCKETS = ("unix", "redis+socket", "redis+unix", "valkey+socket")
_A_REDIS = (
    "the URL of one Redis, such as redis://user:password@localhost:6379/0, rediss://... for TLS,"
    " redis+socket:///run/redis.sock?virtual_host=0 for a Unix socket, or"
    " sentinel://a:26379,b:26379,c:26379/0?master_name=NAME for the one that Sentinel names, with"
    " special characters percent-encoded; Cluster, and Sentinel by TLS, are not supported"
)
_TLS_FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")  # that redis-py and kombu read alike
_CERTIFICATES = {"none": "none", "optional": "optional", "required": "required"} | {
    f"CERT_{each.upper()}": each for each in ("none", "optional", "required")
}


def database(text: str, *, among_several: str = "read-write") -> dict[str, Any]:
    """Return what Django's DATABASES holds for the database at a URL, read as libpq reads it.

    Of several hosts the one that is `among_several` is taken, libpq's `target_session_attrs`.
    """
    if text.startswith("sqlite:"):
        return _sqlite(text)
    import psycopg  # only here: it takes long to load, and SQLite needs none

    login, place, query = _postgresql(text)
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    options = "&".join("".join(pair) for pair in pairs if pair[0].upper() not in _DJANGOS)
    user, colon, password = login.partition(":")
    login = f"{_encoded(user)}{colon}{_encoded(password)}@" if login else ""
    try:
        djangos = {
            name.upper(): _DJANGOS[name.upper()](value)
            for name, _, value in pairs
            if name.upper() in _DJANGOS
        }
        told = _read_by_libpq(f"postgresql://{login}{place}?{options}")
    except (KeyError, ValueError, psycopg.Error) as error:
        # libpq quotes what it could not read, which may be a password.
        named = _OF_AN_OPTION.search(str(error))
        raise ValueError(_A_DATABASE + (f": {named[0]}" if named else "")) from None
    if "," in told.get("host", ""):
        told.setdefault("target_session_attrs", among_several)
    if told.keys().isdisjoint({"dbname", "service"}):
        raise ValueError(_A_DATABASE)
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{ours: told.pop(libpqs, "") for ours, libpqs in _LIBPQS.items()},
        "OPTIONS": {**tcp_keepalive.POSTGRESQL, **told},
        **djangos,
    }


def _postgresql(text: str) -> tuple[str, str, str]:
    """Return the login, the hosts with the database's name, and the options of a URL.

    A password may hold an @: the last one ends it.
    """
    scheme, _, rest = text.partition("://")
    rest, _, query = rest.partition("?")
    login, _, place = rest.rpartition("@")
    name = place.partition("/")[2]
    is_socket = name.startswith("/") and len(name) > 1
    if scheme not in _POSTGRESQL or "/" in login or "#" in text or "@" in query:
        raise ValueError(_A_DATABASE)
    if "/" in name and not is_socket:
        raise ValueError(_A_DATABASE)
    return login, place, query


replica = partial(database, among_several="prefer-standby")


def _read_by_libpq(url: str) -> dict[str, Any]:
    """Return what a URL says. Raises `psycopg.Error` for a name or a value that is none."""
    import psycopg

    told: dict[str, Any] = psycopg.conninfo.conninfo_to_dict(url)
    if told.get("dbname", "").startswith("/"):  # a socket's folder, as django-environ has it
        told["host"], _, told["dbname"] = told["dbname"].rpartition("/")
    # Nobody listens there, so libpq looks at the words in the options and at nothing else.
    nowhere = ",".join("/nowhere" for _ in told.get("host", "").split(","))
    conninfo = psycopg.conninfo.make_conninfo(**{**told, "host": nowhere})
    started = psycopg.pq.PGconn.connect_start(conninfo.encode())
    said = started.error_message.decode(errors="replace")
    started.finish()
    if re.search("^(invalid |could not match )", said, re.MULTILINE):
        raise psycopg.ProgrammingError(said)
    for name in _WHOLE_NUMBERS & told.keys():
        if not re.fullmatch("[0-9]{1,9}", told[name]):
            raise ValueError(f"invalid {name} value: {told[name]!r}")
    return told


def _encoded(text: str) -> str:
    return quote(unquote_to_bytes(text), safe="")


def _sqlite(text: str) -> dict[str, Any]:
    host = text.removeprefix("sqlite:").removeprefix("//").partition("/")[0]
    config: dict[str, Any] = environ.Env.db_url_config(text) if host in ("", ":memory:") else {}
    if not config or "#" in text or set(config.get("OPTIONS", {})) - {"timeout"}:
        raise ValueError(_A_DATABASE)
    if config["NAME"] != ":memory:":
        config["NAME"] = str(_BASE_DIR / config["NAME"])
    return config


@dataclass(frozen=True)
class RedisUrl:
    """One Redis, in the form that each library takes.

    `url` is as redis-py spells it, `broker_url` as Celery's kombu does, and `options` are Celery's
    `broker_transport_options`.
    """

    url: str
    broker_url: str
    options: dict[str, Any]


def redis(text: str) -> RedisUrl:
    """Return the Redis at a URL."""
    try:
        parts = _parts(
            re.sub(r";(redis\+)?sentinel://", ",", text)
        )  # between them as Celery has it
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        options = {name: take(query.pop(name)) for name, take in _OPTIONS.items() if name in query}
        login = _login(parts, query)
        database = _database_number(parts, query)
        tls = _tls(parts, query)
        master = _master(parts, query)
        if query:
            raise ValueError(f"unknown options: {', '.join(query)}")
        address = _address(parts)
    except (ValueError, KeyError) as error:
        raise ValueError(_A_REDIS) from error
    if parts.scheme in _SENTINEL:
        told = _with(f"sentinel://{login}{address}/{database}", master)
        each = (f"sentinel://{login}{host}/{database}" for host in address.split(","))
        return RedisUrl(told, ";".join(each), sentinel_options(master) | options)
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
    """Return the options about certificates, which are verified unless the URL says otherwise."""
    if _TCP.get(parts.scheme) != "rediss":
        return {}
    required = _CERTIFICATES[query.pop("ssl_cert_reqs", "required")]
    return {"ssl_cert_reqs": required} | {
        name: query.pop(name) for name in _TLS_FILES if name in query
    }


def _master(parts: SplitResult, query: dict[str, str]) -> dict[str, str]:
    """Return the name that Sentinel knows the Redis by, and how to log in at Sentinel."""
    if parts.scheme not in _SENTINEL:
        return {}
    names = ("sentinel_username", "sentinel_password")
    return {"master_name": query.pop("master_name")} | {
        name: query.pop(name) for name in names if name in query
    }


def sentinel_options(master: dict[str, str]) -> dict[str, Any]:
    """Return what redis-py and kombu call the options that are about Sentinel."""
    login = {
        name.removeprefix("sentinel_"): value
        for name, value in master.items()
        if name != "master_name"
    }
    patience = {"socket_timeout": 1.0, "socket_connect_timeout": 1.0}
    return {"master_name": master["master_name"], "sentinel_kwargs": login | patience}


def _address(parts: SplitResult) -> str:
    """Return the host and port, several of Sentinel, or the path of the socket."""
    if parts.scheme in _SOCKETS:
        if parts.hostname or len(parts.path) < 2:
            raise ValueError("no path of a socket")
        return quote(unquote(parts.path))
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme in _SENTINEL:
        return ",".join(_sentinel(each) for each in host.split(","))
    if parts.scheme not in _TCP or re.search(",|%2f", host, re.IGNORECASE):
        raise ValueError("not one Redis")
    return host or "localhost"


def _sentinel(address: str) -> str:
    found = re.fullmatch(r"([\w.-]+|\[[0-9a-fA-F:.]+\])(?::([0-9]{1,5}))?", address)
    if not found:
        raise ValueError("no address of a Sentinel")
    return f"{found[1]}:{found[2] or 26379}"


def _yes(text: str) -> bool:
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[
        text.lower()
    ]


_LIBPQS = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
_DJANGOS: dict[str, Callable[[str], Any]] = {
    "CONN_MAX_AGE": int,
    "CONN_HEALTH_CHECKS": _yes,
    "DISABLE_SERVER_SIDE_CURSORS": _yes,
}
_WHOLE_NUMBERS = {
    *("connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval"),
    *("keepalives_count", "tcp_user_timeout"),
}
_OF_AN_OPTION = re.compile(
    r"""invalid (?:URI query parameter|\w{1,40} value): ["'][\w-]{1,40}["']"""
)
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
        config = dict(environ.Env.email_url_config(text))
    except (ValueError, ImproperlyConfigured) as error:
        raise ValueError(
            "the URL of a mail server, such as smtp+tls://user:password@host:587, or consolemail://"
        ) from error
    # TLS from the first byte (RFC 8314): STARTTLS would wait there until it gives up.
    if parts.port == 465 or (parts.scheme == "smtps" and not parts.port):
        config |= {"EMAIL_USE_TLS": False, "EMAIL_USE_SSL": True}
    return config


def split_sentinels(text: str) -> SplitResult:
    """Return the parts of a URL. Python itself refuses an IPv6 address among several hosts."""
    scheme, _, rest = text.partition("://")
    netloc = re.split("[/?#]", rest)[0]
    return urlsplit(f"{scheme}://{rest.removeprefix(netloc)}")._replace(netloc=netloc)


def _parts(text: str) -> SplitResult:
    """Return a URL's parts. Raises `ValueError` where one is none, such as the port."""
    parts = split_sentinels(text) if text.startswith(_SENTINEL) else urlsplit(text)
    if parts.fragment or (parts.scheme not in _SENTINEL and parts.port == 0):
        raise ValueError("a # that is not encoded, or a port that is none")
    return parts
