"""Endpoints about end users and their tokens. ``user_id`` may be a username everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from integrations.alloy.deadline import Timeouts
from integrations.alloy.embedded.base import Endpoints
from integrations.alloy.errors import Refused, UsernameTaken
from integrations.alloy.models import (
    Acknowledgement,
    BatchResult,
    Deleted,
    ListedUser,
    User,
    UserId,
    UserToken,
)

BATCH_LIMIT = 1000
"""How many users one batch may create."""

BULK_TIMEOUTS = Timeouts(read=60.0, total=600.0)
"""For the calls about very many users, which no person waits for."""

LONGEST_LIST = 1024**3
"""How many bytes a list of all users may have; a million users take a tenth of it."""

_TAKEN = re.compile(r"exist|taken|already|in use|unique|duplicate", re.IGNORECASE)


class Users(Endpoints):
    """Create, find, change and delete end users."""

    def create_user(self, *, username: str, full_name: str = "") -> str:
        """Create an end user and return the id Alloy gave it.

        Raises ``UsernameTaken`` where one with this username exists: it may be ours, made by a
        call whose answer was lost, and ``get_user(user_id=username)`` finds it.
        """
        body = _new_user(username, full_name)
        try:
            return self._one(UserId, "POST", "/users", body=body).user_id
        except Refused as error:
            # Usernames are unique, but no status is documented for one that is taken.
            if error.status in (400, 409, 422) and _TAKEN.search(error.detail):
                raise error.narrowed(UsernameTaken) from None
            raise

    def create_users_batch(self, *, users: Iterable[tuple[str, str]]) -> BatchResult:
        """Create up to ``BATCH_LIMIT`` users, each a pair of username and full name.

        The result names those that were rejected and gives no ids: ``list_users`` has them. Raises
        ``Refused`` when not a single one was valid.
        """
        body = {"users": [_new_user(username, full_name) for username, full_name in users]}
        route = "/users/batch"
        return self._one(BatchResult, "POST", route, body=body, timeouts=BULK_TIMEOUTS)

    def get_user(self, *, user_id: str) -> User:
        """Return one user. Raises ``NotFound``."""
        return self._one(User, "GET", "/users/{user_id}", path={"user_id": user_id})

    def list_users(self, *, workflow_id: str | None = None) -> list[User]:
        """Return all users, or those of one workflow. Alloy documents no pages for this."""
        return self._many(User, "GET", "/users", query={"parentWorkflowId": workflow_id})

    def each_user(self) -> Iterator[ListedUser]:
        """Yield all users however many there are, holding one at a time.

        The answer is kept in a temporary file (100 bytes a user) until the last one was taken.
        """
        return self._each(
            ListedUser, "GET", "/users", timeouts=BULK_TIMEOUTS, max_bytes=LONGEST_LIST
        )

    def update_user(
        self, *, user_id: str, username: str | None = None, full_name: str | None = None
    ) -> str:
        """Change what is given and return the user's id."""
        changes = {"username": username, "fullName": full_name}
        body = {name: value for name, value in changes.items() if value is not None}
        path = {"user_id": user_id}
        return self._one(UserId, "PUT", "/users/{user_id}", path=path, body=body).user_id

    def delete_user(self, *, user_id: str) -> None:
        """Delete a user. Their logs may stay: ``delete_user_logs`` first. Raises ``NotFound``."""
        self._do(Deleted, "DELETE", "/users/{user_id}", path={"user_id": user_id})

    def delete_user_logs(self, *, user_id: str) -> None:
        """Delete a user's executions and errors at Alloy, for good."""
        self._do(Acknowledgement, "DELETE", "/users/{user_id}/logs", path={"user_id": user_id})

    def user_token(self, *, user_id: str) -> UserToken:
        """Return a JWT for the browser SDK. It is short-lived: fetch one each time it is needed."""
        return self._one(UserToken, "GET", "/users/{user_id}/token", path={"user_id": user_id})


def _new_user(username: str, full_name: str) -> dict[str, str]:
    return {"username": username, "fullName": full_name} if full_name else {"username": username}
