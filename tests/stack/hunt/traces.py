"""Everything that a running AcmeCo writes down or says, as text: where a secret could have got."""

from __future__ import annotations

import base64
import binascii
import re
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import redis
from psycopg.sql import SQL, Identifier

from tests.services.stack import Stack
from tests.stack.production import Production

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{24,}={0,2}")


def logs_of(stack: Stack) -> dict[str, str]:
    """Return what each of AcmeCo's processes logged; the sandbox's log is Alloy's business."""
    files = (file for file in stack.logs.iterdir() if file.stem not in ("sandbox", "redis"))
    return {f"the log of {file.stem}": file.read_text() for file in files}


def database_of(stack: Production) -> dict[str, str]:
    """Return each table's content as text, what is encoded in it decoded as well."""
    with psycopg.connect(stack.direct_url) as database:
        tables = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {
            f"the table {name}": unfold(
                str(database.execute(SQL("SELECT * FROM {}").format(Identifier(name))).fetchall())
            )
            for (name,) in tables.fetchall()
        }


@contextmanager
def redis_commands(url: str) -> Iterator[list[str]]:
    """Note every command that Redis is sent while the block lasts: tasks, arguments and all."""
    heard: list[str] = []
    client = redis.Redis.from_url(url)
    with client.monitor() as monitor:  # type: ignore[no-untyped-call]
        thread = threading.Thread(target=_listen, args=(monitor, heard), daemon=True)
        thread.start()
        try:
            yield heard
        finally:
            client.echo("the end")
            thread.join()
    client.close()


def _listen(monitor: redis.client.Monitor, heard: list[str]) -> None:
    for command in monitor.listen():  # type: ignore[no-untyped-call]
        heard.append(unfold(command["command"]))
        if command["command"] == "ECHO the end":
            return


def unfold(text: str) -> str:
    """Return the text, and behind it whatever in it is readable once decoded from base64."""
    return "\n".join([text, *_decoded(text)])


def _decoded(text: str) -> Iterator[str]:
    for word in _BASE64.findall(text):
        with suppress(binascii.Error):
            data = base64.b64decode(f"{word.rstrip('=')}===", altchars=b"-_")
            with suppress(zlib.error):  # sessions are compressed
                data = zlib.decompress(data)
            with suppress(UnicodeDecodeError):
                yield data.decode()
