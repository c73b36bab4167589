"""The client for Alloy's Connectivity API: one pattern of calls for every service.

Its answers are wrapped in a name of their own. Each method names in brackets the page of
docs.runalloy.com/reference/connectivity-api, or the guide under /connectivity-api, that its rules
come from; [programs] where no page has them, but programs that run against the live API do.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypedDict, Unpack

from pydantic import Field, SecretStr, field_validator, model_validator

from integrations import conf
from integrations.alloy.client import Endpoints
from integrations.alloy.models import (
    Answered,
    Credential,
    Deleted,
    Flag,
    Identifier,
    Name,
    WebAddress,
    web_address,
)
from integrations.client import options
from integrations.contrib.connectivity.execution import data_of

_CREDENTIALS = "/connectors/{connector}/credentials"
_EXECUTE = "/connectors/{connector}/actions/{action}/execute"

Json = dict[str, Any]


class ActionInput(TypedDict, total=False):
    """The arguments of an action: the parts of a request to the service's own endpoint."""

    path: Mapping[str, str]
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Mapping[str, Any]


_AT_ALLOY = {  # [quick-start]
    "path": "pathParams",
    "query": "queryParameters",
    "headers": "additionalHeaders",
    "body": "requestBody",
}


class Connector(Answered):
    """A service that can be connected to. Ids are case-sensitive: ``googleDrive``."""

    id: Identifier
    name: Name = ""
    category: tuple[Name, ...] = ()
    icon: WebAddress = ""


class ConnectorList(Answered):
    connectors: tuple[Connector, ...]


class Authentication(Answered):
    """A way to connect an account, and what has to be known for it beforehand.

    ``auth_config_required``: Alloy has no OAuth app of its own for this connector; one has to be
    set up in its dashboard first.
    """

    authentication_type: Identifier
    auth_config_required: Flag = False
    input_schema: Json = Field(default_factory=dict)

    @property
    def questions(self) -> dict[str, str]:
        """The questions to ask the user, {name: description}, such as the name of a shop."""
        asked = _object(_object(self.input_schema, "properties"), "data")
        described = _object(asked, "properties")
        required = asked.get("required")
        names = required if isinstance(required, list) else list(described)
        return {str(name): _description(described.get(name)) for name in names}


class MetadataList(Answered):
    metadata: tuple[Authentication, ...]


class CredentialList(Answered):
    credentials: tuple[Credential, ...]


class NewCredential(Answered):
    """Either where to send the user's browser, or the id of a credential made at once.

    The address carries a token, so whoever holds it can connect an account in the user's name.
    """

    oauth_url: SecretStr | None = None
    credential_id: Identifier | None = None

    @field_validator("oauth_url")
    @classmethod
    def _only_web_addresses(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not web_address(url.get_secret_value()):
            raise ValueError("not an http(s) address")
        return url

    @model_validator(mode="after")
    def _one_of_the_two(self) -> NewCredential:
        if self.oauth_url is None and self.credential_id is None:
            raise ValueError("neither an address nor a credential")
        return self


def _object(schema: Json, name: str) -> Json:
    inner = schema.get(name)
    return inner if isinstance(inner, dict) else {}


def _description(field: Any) -> str:
    found = field.get("description") if isinstance(field, dict) else ""
    return found if isinstance(found, str) else ""


class ConnectivityClient(Endpoints):
    """Alloy's Connectivity API with one key: connectors, credentials, and their actions.

    A new connector needs nothing here: its id and its actions' ids are arguments. Every method
    raises ``TemporaryError`` where trying again can help and ``PermanentError`` where it cannot;
    none retries by itself.
    """

    def __init__(self, *, version: str = "2025-09", **options: Any) -> None:
        """Takes what ``AlloyClient`` takes. Raises ``ValueError`` for a version before 2025."""
        if version < "2025":
            raise ValueError(f"The Connectivity API begins with version 2025-06, not {version!r}.")
        super().__init__(version=version, **options)

    # What the connectors are, and what each can do

    def list_connectors(self) -> list[Connector]:
        """Return every service that can be connected to [programs]."""
        return list(self._one(ConnectorList, "GET", "/connectors").connectors)

    def list_authentications(self, *, connector: str) -> list[Authentication]:
        """Return the ways to connect an account, with what each asks for.

        [get-connector-credentials-metadata]
        """
        route = f"{_CREDENTIALS}/metadata"
        return list(self._one(MetadataList, "GET", route, connector=connector).metadata)

    # Connected accounts: Alloy keeps the secrets, all we ever hold is an id

    def create_credential(
        self,
        *,
        connector: str,
        user_id: str,
        authentication_type: str = "oauth2",
        redirect_uri: str = "",
        data: Mapping[str, str] | None = None,
    ) -> NewCredential:
        """Begin to connect an account: the answer says where to send the user's browser.

        Alloy returns the browser to ``redirect_uri`` with no parameters whatever: put your own
        state into its path, and find the new credential by listing. Where nobody has to consent,
        as with an API key in ``data``, the answer is the credential's id [credentials]. That the
        browser returns without parameters no page says [programs].
        """
        body: dict[str, Any] = {"userId": user_id, "authenticationType": authentication_type}
        if redirect_uri:
            body["redirectUri"] = redirect_uri
        if data:
            body["data"] = dict(data)
        parts = {"body": body, "headers": _acting_for(user_id)}
        return self._one(NewCredential, "POST", _CREDENTIALS, connector=connector, **parts)

    def list_connector_credentials(self, *, connector: str, user_id: str) -> list[Credential]:
        """Return a user's credentials for one connector, the newest last.

        The user is named by a header: without it Alloy answers an empty list, not an error
        [programs].
        """
        parts = {"connector": connector, "headers": _acting_for(user_id)}
        return list(self._one(CredentialList, "GET", _CREDENTIALS, **parts).credentials)

    def delete_connector_credential(
        self, *, connector: str, user_id: str, credential_id: str
    ) -> None:
        """Disconnect an account. What is in it stays. Raises ``NotFound`` [programs]."""
        route = f"{_CREDENTIALS}/{{credential_id}}"
        ids = {"connector": connector, "credential_id": credential_id}
        self._do(Deleted, "DELETE", route, headers=_acting_for(user_id), **ids)

    # The one call that does something at a service

    def execute(
        self,
        *,
        connector: str,
        action: str,
        user_id: str,
        credential_id: str,
        **given: Unpack[ActionInput],
    ) -> Any:
        """Run an action with somebody's credential, and return the service's own JSON.

        It is always a POST, so the service may have acted although the answer was lost
        (``ambiguous``).

        Raises ``ProviderError`` where the service refused, ``ProviderBusy`` where it asks to try
        again, ``CredentialGone`` where Alloy no longer has the credential. The documents and the
        live API answer in two forms [quick-start, programs]; both are understood.
        """
        parts = {_AT_ALLOY[name]: value for name, value in given.items()}
        answer = self._answer(
            "POST",
            _EXECUTE,
            connector=connector,
            action=action,
            headers=_acting_for(user_id),
            body={"credentialId": credential_id, **parts},
        )
        return data_of(answer, connector=connector, action=action)


def connectivity() -> ConnectivityClient:
    """Return the client for the account the settings describe."""
    return _client(conf.account(), conf.read().CONNECTIVITY_VERSION, conf.read().CALL_DEADLINE)


@lru_cache(maxsize=4)
def _client(account: conf.Account, version: str, deadline: float) -> ConnectivityClient:
    return ConnectivityClient(version=version, **options(account, deadline))


def _acting_for(user_id: str) -> dict[str, str]:
    """Return the header that names the user: without it Alloy answers an empty list, no error."""
    return {"x-alloy-userid": user_id}
