"""Creates users at Alloy by the batch, and does not give up at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from time import sleep

from integrations import conf
from integrations.alloy import AlloyClient, Refused, TemporaryError
from integrations.backoff import full_jitter
from integrations.contrib.backfill.candidates import Candidate

TRIES = 8


def create(candidates: Sequence[Candidate], *, client: AlloyClient) -> list[str]:
    """Have the candidates created at Alloy: `POST /users/batch`; return the usernames it took.

    A batch whose answer was lost is sent again, and Alloy then says that the names are taken: who
    exists must be asked afterwards. Raises `AlloyError`.
    """
    users = [(each.username, each.full_name) for each in candidates]
    for failures in count(1):
        try:
            result = client.create_users_batch(users=users)
        except TemporaryError as error:
            if failures == TRIES:
                raise
            sleep(_wait(failures, error))
        except Refused as error:
            if error.status not in (400, 422):
                raise
            return []  # not one of them was valid; so it also answers where all exist
        else:
            refused = {user.username for user in result.invalid_users}
            return [username for username, _ in users if username not in refused]
    raise AssertionError("unreachable")


def _wait(failures: int, error: TemporaryError) -> float:
    backoff = full_jitter(failures, cap=30.0).total_seconds()
    return max(backoff, min(error.retry_after or 0.0, conf.read().RETRY_AFTER_CAP))
