from __future__ import annotations

import time


class Stillness:
    """Tells for how long a value has not changed."""

    def __init__(self) -> None:
        self._value: object = None
        self.since = time.monotonic()

    def seconds(self, value: object) -> float:
        """Take note of the value now; return the seconds since it was last another."""
        if value != self._value:
            self._value, self.since = value, time.monotonic()
        return time.monotonic() - self.since
