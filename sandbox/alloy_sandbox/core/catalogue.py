"""What the ISV has built in Alloy, as a YAML file or a control call declares it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from alloy_sandbox.core import ids
from alloy_sandbox.core.api import Json, Strict
from alloy_sandbox.core.errors import BadRequest
from alloy_sandbox.core.fields import describe

Name = Annotated[str, Field(min_length=1, max_length=100)]
ObjectId = Annotated[str, Field(pattern=r"^[0-9a-f]{24}$")]
Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
Fields = Annotated[list[str | Json], AfterValidator(describe)]


def once(*keys: str) -> AfterValidator:
    """Refuse a list in which two have the same key, the first of these that an entry has."""

    def check(entries: list[Any]) -> list[Any]:
        seen: set[str] = set()
        for entry in entries:
            name = next(value for key in keys if (value := getattr(entry, key)))
            if name in seen:
                raise ValueError(f"{name!r} is declared twice")
            seen.add(name)
        return entries

    return AfterValidator(check)


class EventEntry(Strict):
    """A custom event; `body` is a sample of its data."""

    name: str = Field(min_length=1, max_length=200)
    description: str = ""
    body: Json = Field(default_factory=dict)


class BlockEntry(Strict):
    name: Name
    type: Slug


def blocks_json(of: str, blocks: Sequence[BlockEntry]) -> list[Json]:
    """Return the steps of a version as they are kept; `of` is what their ids are made from."""
    return [
        {
            "name": block.name,
            "id": ids.fixed_block_id(f"{of}/{place}"),
            "type": block.type,
            "icon": block.type.lower(),
        }
        for place, block in enumerate(blocks)
    ]


class WorkflowEntry(Strict):
    """`event` starts it, where it has one; `does` is what it does here, beside succeeding."""

    name: str = Field(min_length=1, max_length=255)
    id: ObjectId | None = None
    event: str | None = None
    does: Literal["", "stream_order", "update_order_status"] = ""
    blocks: list[BlockEntry] = Field(default_factory=list)
    fields: Fields = Field(default_factory=list)

    def steps(self, app: str, connector: str) -> list[BlockEntry]:
        """Return the blocks: those declared, or the two that such a workflow has at least."""
        if self.blocks:
            return self.blocks
        theirs = BlockEntry(name=app if self.event else f"{app} Trigger", type=connector)
        if self.event:
            return [BlockEntry(name="Custom Event", type="customEvent"), theirs]
        return [theirs, BlockEntry(name="Stream Data", type="streamData")]


class CredentialField(Strict):
    name: Name
    display_name: str = ""
    description: str = ""

    def as_json(self) -> Json:
        shown = self.model_dump(by_alias=True, exclude_defaults=True)
        return {**shown, "displayName": self.display_name or self.name}


class IntegrationEntry(Strict):
    """`credential_fields` is what the modal asks for before it lets somebody in."""

    app: Name
    id: ObjectId | None = None
    connector: Slug
    category: str = "Other"
    description: str = ""
    oauth: bool = False
    credential_fields: list[CredentialField] = Field(default_factory=list)
    workflows: Annotated[list[WorkflowEntry], once("id", "name")] = Field(min_length=1)


class ActionEntry(Strict):
    """An action that answers always the same.

    `body` and `query`: {name: description} of what it takes; a name that ends in ? may be absent.
    """

    id: Slug
    name: str = ""
    resource: str = "Other"
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    path: str = "/"
    body: dict[str, str] | None = None
    query: dict[str, str] | None = None
    answer: Json = Field(default_factory=dict)


class ConnectorEntry(Strict):
    """A service that can be connected to.

    `data`: {name: description} of what has to be known before somebody connects, such as a shop's
    name; `account_field` is the one that names the account. `permissions` are what the consent
    page asks for, `accounts` those it offers to choose from. `headers`: {name: description} of
    those that the service reads besides. One whose `auth_config_required` has no app of Alloy's own
    at the service. `errors`: {status: [what the service calls it, its message]}.
    """

    id: Slug
    name: Name
    categories: list[str] = Field(default_factory=list)
    authentication: Literal["oauth2", "apiKey", "bearer", "basic"] = "oauth2"
    data: dict[str, str] = Field(default_factory=dict)
    account_field: str = ""
    permissions: list[str] = Field(["Read and change what is in the account"])
    accounts: list[Name] = Field(["Acme", "Acme Europe", "Personal"], min_length=1)
    headers: dict[str, str] = Field(default_factory=dict)
    auth_config_required: bool = False
    errors: dict[int, tuple[str, str]] = Field(default_factory=dict)
    actions: list[ActionEntry] = Field(default_factory=list)


class Catalogue(Strict):
    """Everything that can be declared. What is declared anew replaces what has its name or id."""

    events: Annotated[list[EventEntry], once("name")] = Field(default_factory=list)
    integrations: Annotated[list[IntegrationEntry], once("app")] = Field(default_factory=list)
    connectors: Annotated[list[ConnectorEntry], once("id")] = Field(default_factory=list)


def read_yaml(file: Path) -> Any:
    """Return what a YAML file says, by way of the faster of the two readers if it is there."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(file.read_text(), Loader=loader)  # noqa: S506 -- both are safe


def read(file: Path) -> Catalogue:
    """Return the catalogue that a file declares; raises `ValueError`, which says what is wrong."""
    import yaml

    try:
        return Catalogue.model_validate(read_yaml(file) or {})
    except BadRequest as error:
        raise ValueError(f"{file} is no catalogue: {error.message}") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ValueError(f"{file} cannot be read: {error}") from None
    except ValidationError as error:
        problems = [
            f"  {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()
        ]
        raise ValueError("\n".join([f"{file} is no catalogue:", *problems])) from None
