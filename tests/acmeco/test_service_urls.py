"""A URL of a service is either taken, in any spelling its libraries document, or refused."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.conf import settings
from kombu import Connection
from redis import Redis

from acmeco import tcp_keepalive
from acmeco.launcher.parts import find_server
from acmeco.sentinel import pool_class
from acmeco.service_urls import database, email, redis
from tests.needs import need_redis
from tests.stack.waiting import wait_for


@pytest.mark.parametrize(
    ("text", "url", "broker_url"),
    [
        ("redis://", "redis://localhost/0", "redis://localhost/0"),
        ("redis://localhost:6379", "redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("redis://u:p%40@h:1/2", "redis://u:p%40@h:1/2", "redis://u:p%40@h:1/2"),
        ("redis://:p@[::1]:6379/0", "redis://:p@[::1]:6379/0", "redis://:p@[::1]:6379/0"),
        ("redis://h?db=2", "redis://h/2", "redis://h/2"),
        ("valkey://h/1", "redis://h/1", "redis://h/1"),
        ("rediss://h", *["rediss://h/0?ssl_cert_reqs=required"] * 2),
        ("rediss://h/0?ssl_cert_reqs=CERT_NONE", *["rediss://h/0?ssl_cert_reqs=none"] * 2),
        (
            "unix://u:p@/run/r.sock?db=2",
            "unix://u:p@/run/r.sock?db=2",
            "redis+socket://u:p@/run/r.sock?virtual_host=2",
        ),
        (
            "redis+socket:///run/a%20b.sock",
            "unix:///run/a%20b.sock?db=0",
            "redis+socket:///run/a%20b.sock?virtual_host=0",
        ),
        (
            "sentinel://u:p%40@a,[::1]:1/2?master_name=m",
            "sentinel://u:p%40@a:26379,[::1]:1/2?master_name=m",
            "sentinel://u:p%40@a:26379/2;sentinel://u:p%40@[::1]:1/2",
        ),
        (
            "sentinel://a:1;sentinel://b:2/?master_name=m&sentinel_password=s",
            "sentinel://a:1,b:2/0?master_name=m&sentinel_password=s",
            "sentinel://a:1/0;sentinel://b:2/0",
        ),
        ("redis://h/0?socket_timeout=2.5", "redis://h/0?socket_timeout=2.5", "redis://h/0"),
    ],
)
def test_a_redis_is_told_to_each_library_as_it_spells_it(
    text: str, url: str, broker_url: str
) -> None:
    read = redis(text)
    assert (read.url, read.broker_url) == (url, broker_url)
    assert redis(read.url).url == url
    Redis.from_pool(pool_class(read.url).from_url(read.url)).close()
    Connection(read.broker_url, transport_options=read.options).release()


def test_who_logs_in_at_sentinel_is_known_to_each_library() -> None:
    options = redis(
        "sentinel://:p@a/0?master_name=m&sentinel_password=s&sentinel_username=u"
    ).options
    assert options["master_name"] == "m"
    assert options["sentinel_kwargs"].items() >= {"username": "u", "password": "s"}.items()


@pytest.mark.parametrize(
    "text",
    [
        *("nonsense", "localhost:6379", "/run/redis.sock", "http://h", "redis://h:abc"),
        "redis://h:0",
        *("redis:///run/redis.sock", "redis://a,b", "redis://a;redis://b", "sentinel://a:26379"),
        *("sentinel://a:x?master_name=m", "sentinel://?master_name=m", "redis://h?master_name=m"),
        *("rediss+sentinel://a?master_name=m", "sentinel://a,,b?master_name=m"),
        *("redis+cluster://h", "redis://%2Frun%2Fr.sock", "redis+socket://h/run/r.sock", "unix://"),
        *("redis://p#w@h", "redis://h/-1", "redis://h/0?protocol=3", "redis://h?socket_timeout=x"),
        *("rediss://h?ssl_check_hostname=false", "rediss://h?ssl_foo=1"),
        *("rediss://h?ssl_cert_reqs=perhaps", "redis://h?ssl_cert_reqs=none", "unix:///s?db=x"),
    ],
)
def test_what_is_not_one_redis_is_refused_with_the_right_forms(text: str) -> None:
    with pytest.raises(ValueError, match=r"redis\+socket:///run/redis\.sock\?virtual") as refusal:
        redis(text)
    assert "p#w" not in str(refusal.value), "it may hold a password"


@pytest.fixture
def socket() -> Iterator[Path]:
    """A real Redis that is reached by a socket only."""
    need_redis()
    with TemporaryDirectory(prefix="acmeco-") as directory:  # a socket's path must be short
        path = Path(directory) / "redis.sock"
        server = subprocess.Popen(
            [find_server(), "--port", "0", "--unixsocket", path, "--save", "", "--dir", directory],
            stdout=subprocess.DEVNULL,
        )
        wait_for(path.exists)
        yield path
        server.terminate()
        server.wait()


@pytest.mark.parametrize("text", ["redis+socket://{}", "unix://{}", "unix://{}?db=1"])
def test_a_socket_works_for_us_and_for_workers(socket: Path, text: str) -> None:
    read = redis(text.format(socket))
    with Redis.from_url(read.url) as client:
        assert client.ping()
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, **read.options}
    with Connection(read.broker_url, transport_options=options) as broker:
        broker.ensure_connection(max_retries=1, timeout=1)


def postgres(**changed: Any) -> dict[str, Any]:
    usual = dict.fromkeys(("USER", "PASSWORD", "HOST", "PORT"), "")
    engine = "django.db.backends.postgresql"
    options = {**tcp_keepalive.POSTGRESQL, **changed.pop("OPTIONS", {})}
    return {**usual, "ENGINE": engine, "NAME": "n", "OPTIONS": options, **changed}


WRITABLE = {"target_session_attrs": "read-write"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgres://u:p%40@h:5432/n", postgres(USER="u", PASSWORD="p@", HOST="h", PORT="5432")),
        ("postgres://u:p%2F@ss%w[+$@h/n", postgres(USER="u", PASSWORD="p/@ss%w[+$", HOST="h")),
        ("postgres://u@server:p@h/n", postgres(USER="u@server", PASSWORD="p", HOST="h")),
        ("postgresql+psycopg://h/n", postgres(HOST="h")),
        ("postgresql://h/n", postgres(HOST="h")),
        ("pgsql://h/my%20n", postgres(HOST="h", NAME="my n")),
        ("psql://[::1]:5432/n", postgres(HOST="::1", PORT="5432")),
        ("postgres:///n", postgres()),
        ("postgres:////var/run/pg/n", postgres(HOST="/var/run/pg")),
        ("postgres:///n?host=/var/run/pg&port=5433", postgres(HOST="/var/run/pg", PORT="5433")),
        ("postgres://h/?dbname=n&user=u&password=p", postgres(HOST="h", USER="u", PASSWORD="p")),
        (
            "postgres://u@%2Fvar%2FRun%2Fpg:5433/n",
            postgres(USER="u", HOST="/var/Run/pg", PORT="5433"),
        ),
        ("postgres://%2fvar%2frun/n", postgres(HOST="/var/run")),
        ("postgres://a:1,b:2/n", postgres(HOST="a,b", PORT="1,2", OPTIONS=WRITABLE)),
        ("postgres://a,b:2/n", postgres(HOST="a,b", PORT=",2", OPTIONS=WRITABLE)),
        ("postgres://[::1]:1,[::2]:2/n", postgres(HOST="::1,::2", PORT="1,2", OPTIONS=WRITABLE)),
        (
            "postgres://a,b/n?target_session_attrs=any",
            postgres(HOST="a,b", PORT=",", OPTIONS={"target_session_attrs": "any"}),
        ),
        (
            "postgres://h/n?sslmode=verify-full&connect_timeout=2",
            postgres(HOST="h", OPTIONS={"connect_timeout": "2", "sslmode": "verify-full"}),
        ),
        ("postgres://h/n?ssl=true", postgres(HOST="h", OPTIONS={"sslmode": "require"})),
        (
            "postgres://h/n?options=-c%20jit%3Doff",
            postgres(HOST="h", OPTIONS={"options": "-c jit=off"}),
        ),
        ("postgres:///?service=s", postgres(NAME="", OPTIONS={"service": "s"})),
        ("postgres://h/n?conn_max_age=7", postgres(HOST="h", CONN_MAX_AGE=7)),
        (
            "postgres://h/n?DISABLE_SERVER_SIDE_CURSORS=true&conn_health_checks=false",
            postgres(HOST="h", DISABLE_SERVER_SIDE_CURSORS=True, CONN_HEALTH_CHECKS=False),
        ),
    ],
)
def test_a_postgresql_is_found_in_every_spelling(text: str, expected: dict[str, Any]) -> None:
    assert database(text) == expected


@pytest.mark.parametrize("text", ["sqlite://", "sqlite://:memory:", "sqlite:///:memory:"])
def test_sqlite_may_be_in_memory(text: str) -> None:
    assert database(text)["NAME"] == ":memory:"


def test_a_relative_path_is_the_projects_wherever_a_process_is_started() -> None:
    assert Path(database("sqlite:///var/a.sqlite3")["NAME"]).is_absolute()
    absolute = database("sqlite:////data/a.sqlite3?timeout=7")
    assert absolute["NAME"] == "/data/a.sqlite3"
    assert absolute["OPTIONS"] == {"timeout": 7}


@pytest.mark.parametrize(
    "text",
    [
        *("nonsense", "mysql://h/n", "postgis://h/n", "jdbc:postgresql://h/n", "postgres://h/"),
        *("host=h dbname=n", "postgres:/h/n", "postgres://u@h", "postgres://h/n/"),
        *("postgres://u:sesame:h/n", "postgres://h:99999/n", "postgres://h,k:99999/n"),
        *("postgres://u:sesame#x@h/n", "postgres://u:sesame/x@h/n", "postgres://u:1/sesame@h/n"),
        *("postgres://u:x?sesame@h/n", "postgres://u:x?sesame=1@h/n", "postgres://u:%00@h/n"),
        *("postgres://fe80::1/n", "postgres://a,b/n?host=c", "postgres://a/n?port=1,2"),
        *("sqlite://var/a.sqlite3", "sqlite:///a.sqlite3?mode=ro", "sqlite:///a#b.sqlite3"),
        *("postgres://h/n?atomic_requests=true", "postgres://h/n?conn_health_checks=maybe"),
    ],
)
def test_what_is_no_database_of_ours_is_refused_with_the_right_forms(text: str) -> None:
    with pytest.raises(ValueError, match="postgres://user@%2Fvar%2Frun%2Fpostgresql/name") as told:
        database(text)
    assert "sesame" not in str(told.value), "it may be a password"


@pytest.mark.parametrize(
    ("option", "named"),
    [
        ("pool=true", '"pool"'),
        ("sslmode=sometimes", '"sometimes"'),
        ("target_session_attrs=newest", '"newest"'),
        ("connect_timeout=soon", "connect_timeout"),
    ],
)
def test_an_option_that_postgresql_does_not_know_is_named(option: str, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        database(f"postgres://h/n?{option}")


@pytest.mark.parametrize(
    ("text", "has_tls_at_once", "has_starttls"),
    [
        ("smtp://h:25", False, False),
        ("smtp+tls://h:587", False, True),
        ("smtps://h:587", False, True),
        ("smtps://h", True, False),
        *((f"{scheme}://h:465", True, False) for scheme in ("smtp+ssl", "smtps", "smtp+tls")),
    ],
)
def test_mail_is_encrypted_as_its_port_wants(
    text: str, has_tls_at_once: bool, has_starttls: bool
) -> None:
    config = email(text)
    told = (config.get("EMAIL_USE_SSL", False), config.get("EMAIL_USE_TLS", False))
    assert told == (has_tls_at_once, has_starttls)


@pytest.mark.parametrize(
    "text", ["nonsense", "post://office", "smtp://", "smtp://h:abc", "smtp://h?x=1"]
)
def test_what_is_no_mail_server_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"smtp\+tls://user:password@host:587"):
        email(text)
