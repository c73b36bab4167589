"""Answers of the Connectivity API. Unlike the others they are wrapped in a name of their own."""

from __future__ import annotations

from typing import Any

from pydantic import Field, SecretStr, field_validator, model_validator

from integrations.alloy.models.credentials import Credential
from integrations.alloy.models.fields import (
    Answered,
    Flag,
    Identifier,
    Message,
    Name,
    WebAddress,
    web_address,
)

Json = dict[str, Any]


class Connector(Answered):
    """A service that can be connected to. Ids are case-sensitive: ``googleDrive``."""

    id: Identifier
    name: Name = ""
    category: tuple[Name, ...] = ()
    icon: WebAddress = ""


class ConnectorList(Answered):
    connectors: tuple[Connector, ...]


class ActionName(Answered):
    """An action in a list: its id is what ``execute`` is called with."""

    id: Identifier
    display_name: Name = ""
    description: Message = ""


class Resource(Answered):
    """Actions that belong together, such as those about pages."""

    name: Name = ""
    display_name: Name = ""
    actions: tuple[ActionName, ...] = ()


class ResourceList(Answered):
    resources: tuple[Resource, ...]


class Action(ActionName):
    """An action with its schemas, which are the service's own: JSON as it came."""

    http_method: Name = ""
    path: Name = ""
    parameters: tuple[Json, ...] = ()
    request_body: Json = Field(default_factory=dict)


class ActionAnswer(Answered):
    action: Action


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
        """What to ask the user for: {name: description}, such as the name of a shop."""
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
