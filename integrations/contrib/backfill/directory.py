"""Which usernames exist at Alloy, and their ids: on disk, so that a million of them take no memory.

It lives for as long as the `with` block, in a temporary file of its own.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Self

from integrations.contrib.backfill.listing import ListedUser

_PER_STATEMENT = 500  # older SQLites take 999 parameters


class Directory:
    """The usernames of an Alloy account, each with its userId; and those that we added."""

    def __enter__(self) -> Self:
        self._file = tempfile.NamedTemporaryFile(prefix="alloy-users-", suffix=".sqlite3")
        self._rows = sqlite3.connect(self._file.name, isolation_level=None)
        # Lost with the process anyway, so nothing is gained by waiting for the disk.
        self._rows.execute("PRAGMA journal_mode=OFF")
        self._rows.execute("PRAGMA synchronous=OFF")
        columns = "username TEXT PRIMARY KEY, user_id TEXT"
        self._rows.execute(f"CREATE TABLE known ({columns}) WITHOUT ROWID")
        self._rows.execute("CREATE TABLE added (username TEXT PRIMARY KEY) WITHOUT ROWID")
        return self

    def __exit__(self, *_: object) -> None:
        self._rows.close()
        self._file.close()

    def fill(self, users: Iterable[ListedUser]) -> None:
        """Take in who exists at Alloy; those without a username can be nobody's."""
        self._rows.execute("BEGIN")
        self._rows.executemany(
            "INSERT OR REPLACE INTO known VALUES (?, ?)",
            ((user.username, user.user_id) for user in users if user.username),
        )
        self._rows.execute("COMMIT")

    def ids(self, usernames: Sequence[str]) -> dict[str, str]:
        """Return the userIds of those of the usernames that exist."""
        found: dict[str, str] = {}
        for some in _in_parts(usernames):
            marks = ",".join("?" * len(some))
            query = f"SELECT username, user_id FROM known WHERE username IN ({marks})"  # noqa: S608
            found |= self._rows.execute(query, some)
        return found

    def add(self, usernames: Iterable[str]) -> None:
        """Note that we had these created, to be assigned to tenants."""
        self._note("INSERT OR IGNORE INTO added VALUES (?)", usernames)

    def mark_assigned(self, usernames: Iterable[str]) -> int:
        """Note that these have their tenants; return how many of them we had created."""
        return self._note("DELETE FROM added WHERE username = ?", usernames)

    def unassigned(self) -> Iterator[tuple[str, str]]:
        """Yield username and userId of those we had created, but whose tenant was not there."""
        yield from self._rows.execute(
            "SELECT username, user_id FROM added JOIN known USING (username)"
        )

    def _note(self, statement: str, usernames: Iterable[str]) -> int:
        self._rows.execute("BEGIN")
        noted = self._rows.executemany(statement, ((username,) for username in usernames))
        self._rows.execute("COMMIT")
        return max(noted.rowcount, 0)


def _in_parts(usernames: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(usernames), _PER_STATEMENT):
        yield usernames[start : start + _PER_STATEMENT]
