"""What all endpoints share: host, version, key, and answers parsed into models."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from tempfile import TemporaryFile
from typing import Any, Self

from pydantic import SecretStr

from integrations.alloy.answer import Answer
from integrations.alloy.call import Call, QueryValue
from integrations.alloy.deadline import Timeouts
from integrations.alloy.errors import Refused
from integrations.alloy.hosts import Hosts
from integrations.alloy.models import Acknowledgement
from integrations.alloy.parsing import Model, each, many, one
from integrations.alloy.transport import Download, Transport


class Endpoints:
    """An API key in use. Groups of endpoints are mixed into ``AlloyClient`` and, for the API that
    shares its key and users, into ``ConnectivityClient``.
    """

    def __init__(
        self,
        *,
        api_key: str,
        hosts: Hosts,
        version: str = "2023-12",
        transport: Transport | None = None,
        timeouts: Timeouts | None = None,
    ) -> None:
        """Raises ``ValueError`` for a key that cannot be a header or a version that is no date.

        Share one ``transport`` between clients to share its connections. ``timeouts`` are those of
        every call; the default is what ``Timeouts()`` says.
        """
        if not re.fullmatch(r"[\x21-\x7e]+", api_key):
            raise ValueError("An Alloy API key is printable ASCII without spaces. Is it set?")
        if not re.fullmatch(r"20\d\d-\d\d", version):
            raise ValueError(f"An Alloy API version looks like 2023-12, not {version!r}.")
        self._api_key = SecretStr(api_key)
        self._hosts = hosts
        self._version = version
        self._transport = transport or Transport()
        self._timeouts = timeouts or Timeouts()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(host={self._hosts.embedded!r}, version={self._version!r})"

    def within(self, seconds: float) -> Self:
        """Return this client with a shorter deadline, for a page that would rather not wait."""
        hurried = copy.copy(self)
        hurried._timeouts = replace(self._timeouts, total=min(seconds, self._timeouts.total))
        return hurried

    def _one(self, model: type[Model], method: str, route: str, **parts: Any) -> Model:
        """Make a call that is answered with one object. ``parts`` are those of ``_answer``."""
        return one(model, self._answer(method, route, **parts))

    def _many(self, model: type[Model], method: str, route: str, **parts: Any) -> list[Model]:
        """Make a call that is answered with a list."""
        return many(model, self._answer(method, route, **parts))

    def _each(
        self, model: type[Model], method: str, route: str, *, max_bytes: int, **parts: Any
    ) -> Iterator[Model]:
        """Make a call that is answered with a list of any length, and yield its objects."""
        with TemporaryFile() as file:
            download = Download(file, max_bytes)
            yield from each(model, self._answer(method, route, download=download, **parts), file)

    def _do(self, model: type[Acknowledgement], method: str, route: str, **parts: Any) -> None:
        """Make a call that is answered with whether it was done. Raises ``Refused`` if not."""
        answer = self._answer(method, route, **parts)
        outcome = one(model, answer)
        if not outcome.done:
            raise Refused(
                f"Alloy did not do {answer.call.label}: {outcome.message or 'it does not say why'}",
                status=answer.status,
                request_id=answer.request_id,
                detail=outcome.message,
            )

    def _answer(
        self,
        method: str,
        route: str,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, QueryValue] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        timeouts: Timeouts | None = None,
        download: Download | None = None,
    ) -> Answer:
        base, version_headers = _address(self._hosts, self._version)
        call = Call(
            method=method,
            base=base,
            route=route,
            path=path or {},
            query=query or {},
            body=body,
            headers={**version_headers, **(headers or {})},
            api_key=self._api_key,
        )
        return self._transport.send(call, timeouts=timeouts or self._timeouts, download=download)


def _address(hosts: Hosts, version: str) -> tuple[str, dict[str, str]]:
    """Return the base URL and the headers that select an API version.

    Until 2024 the version stands in the path at the Embedded host; since 2025 it is a header at
    the host shared with the Connectivity API (docs.runalloy.com, reference of each version).
    """
    if version < "2025":
        return f"{hosts.embedded}/{version}", {}
    return hosts.production, {"x-api-version": version}
