"""Sessions in the database; an error of the database does not end them."""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError

from integrations.database import AWAY


class SessionStore(db.SessionStore):
    """Django's, which takes any error of the database for a session that was deleted.

    It would answer 400, as if it were the client's fault, where trying again helps.
    """

    def save(self, must_create: bool = False) -> None:
        """Save the session. Raises `UpdateError` only where it is not there any more."""
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, AWAY):
                raise error.__context__ from None
            raise
