"""Reads the list of all Alloy users, one at a time: a million of them take no memory."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO

import ijson  # type: ignore[import-untyped]  # it has no types
from pydantic import Field, ValidationError

from integrations.alloy import AlloyClient, BadAnswer
from integrations.alloy.models import Answered, Identifier

_LISTS = {"": "item", "data": "data.item"}
"""The places where the list may be, with ijson's name for its items."""


class ListedUser(Answered):
    """A user in the list. The username is kept exactly as it is: rows are found by it."""

    user_id: Identifier
    username: str = Field("", max_length=1000)


def each_user(client: AlloyClient) -> Iterator[ListedUser]:
    """Yield all users. Raises `AlloyError`, before the first one or where the list breaks off.

    The whole answer is written to a file first, so nothing is done with a list that got cut off.
    """
    with TemporaryFile() as file:
        client.download_users(file)
        try:
            place = _place_of_items(file)
            file.seek(0)
            for item in ijson.items(file, place):
                yield ListedUser.model_validate(item)
        except (ijson.JSONError, UnicodeError) as error:
            raise BadAnswer(f"Alloy answered GET /users without a whole list: {error}") from error
        except ValidationError:
            raise BadAnswer("Alloy answered GET /users with what is no user.") from None


def _place_of_items(file: IO[bytes]) -> str:
    """Read the whole answer; return where its items are: Alloy has the list bare, or as "data"."""
    file.seek(0)
    events = {(place, event) for place, event, _ in ijson.parse(file)}
    for place, items in _LISTS.items():
        if (place, "start_array") in events:
            return items
    raise BadAnswer("Alloy answered GET /users without a list.")
