"""Work in a process of its own, so that who measures is not slowed down by who watches."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection


@contextmanager
def apart(work: Callable[..., None], *arguments: object) -> Iterator[Connection]:
    """Run `work(connection, *arguments)` apart; yield our end of the connection.

    The work is over when it returns; it is ended when the context is left before.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=work, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()  # so that we hear of its death instead of waiting for ever
    try:
        yield ours
    finally:
        process.terminate()
        process.join()
