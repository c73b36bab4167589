"""The errors of calls to Alloy, as one small tree.

The class says whether trying again can help: a caller either retries later or reports the error.
Messages are safe to log and to show: they never hold the API key, a user token or a request body.
Alloy's reference shows the statuses 400 and 401 only [batch-create-users, delete-user]; ``call``
names the sources of the others.

    AlloyError
        TemporaryError        trying again can help
            Unreachable, RateLimited, ServerFault, BadAnswer, ProviderBusy, KeyUnavailable
        PermanentError        the same request will be refused again
            Unauthorized, NotFound, InvalidRequest, SignatureError (in ``webhooks``)
            Refused           UsernameTaken, UpgradeRefused, CredentialGone
            ProviderError     ProviderDenied
"""

from __future__ import annotations

from typing import ClassVar, TypeVar

Narrower = TypeVar("Narrower", bound="Refused")


class AlloyError(Exception):
    """The base of all errors; ``str(error)`` is one sentence fit for a log or a person.

    - ``status``: the HTTP status, where there was an answer
    - ``request_id``: the correlation id of the call
    - ``detail``: Alloy's own words, cleaned and shortened, possibly empty
    - ``retry_after``: how many seconds Alloy asked us to wait, if it did
    - ``ambiguous``: Alloy may have acted on the request although no answer said so: trying again
      may do it twice
    - ``connector``, ``code``: the connected service that said no, and its own word for the reason,
      such as ``rate_limited``; possibly empty
    """

    can_retry: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        request_id: str | None = None,
        detail: str = "",
        retry_after: float | None = None,
        ambiguous: bool = False,
        connector: str = "",
        code: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.request_id = request_id
        self.detail = detail
        self.retry_after = retry_after
        self.ambiguous = ambiguous
        self.connector = connector
        self.code = code


class TemporaryError(AlloyError):
    """Trying again can help."""

    can_retry = True


class Unreachable(TemporaryError):
    """No complete answer came: refused connection, DNS, TLS, timeout, dropped connection."""


class RateLimited(TemporaryError):
    """Alloy answered 429: too many requests."""


class ServerFault(TemporaryError):
    """Alloy answered 5xx, 408 or 425: the fault is on its side, or in between."""


class BadAnswer(TemporaryError):
    """Alloy's answer is none it documents: HTML, cut-off JSON, a missing field, a redirect."""


class ProviderBusy(TemporaryError):
    """A connected service, behind Alloy, asks to try again; Alloy itself is well."""


class KeyUnavailable(TemporaryError):
    """Alloy's public key could not be fetched, so no signature can be checked for now."""


class PermanentError(AlloyError):
    """The same request will be refused again; a person or another call has to act."""


class Unauthorized(PermanentError):
    """Alloy does not accept our API key (401), or not for this (403)."""


class NotFound(PermanentError):
    """Alloy knows no such user, integration, workflow or execution: 404, 410."""


class Refused(PermanentError):
    """Alloy understood the request and said no: 400, 422 or another 4xx."""

    def narrowed(self, kind: type[Narrower]) -> Narrower:
        """Return the same refusal as an instance of a more exact class."""
        return kind(str(self), status=self.status, request_id=self.request_id, detail=self.detail)


class UsernameTaken(Refused):
    """An Alloy user with this username exists already; ``get_user`` finds it."""


class UpgradeRefused(Refused):
    """The new version asks the user for more fields: reinstall it through the modal."""


class CredentialGone(Refused):
    """Alloy no longer has the credential: the account has to be connected again."""


class ProviderError(PermanentError):
    """A connected service, such as Notion, understood the action and said no.

    ``detail`` is the service's own message. A 401 here is not about our API key.
    """


class ProviderDenied(ProviderError):
    """A connected service does not let the account do this; connecting it again may help."""


class InvalidRequest(PermanentError):
    """The request cannot be written as HTTP or JSON (an empty id, a NaN), so nothing was sent."""
