"""Work that goes on in threads of its own beside what is measured."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def beside(*works: Callable[[], object], stop: threading.Event) -> Iterator[None]:
    """Run functions while inside, each in a thread; `stop` is set to ask them to end."""
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
