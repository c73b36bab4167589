"""Typed models of Alloy's answers: what comes from outside is checked here, once.

They accept the shapes that Alloy's versions and documents disagree on, and insist on what callers
rely on. Up to 2024-03 an integration has ``app`` and its workflows ``blocks``; since 2025-09 it has
``primaryConnector`` and they have ``connectors`` [list-integrations]. In brackets stands the page
that a shape comes from, as in ``client.py``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    SecretStr,
    StrictBool,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from integrations.alloy.text import clean


class Answered(BaseModel):
    """Part of what Alloy sends. Fields are camelCase on the wire; unknown ones are ignored.

    ``Model.model_validate(model.model_dump(mode="json"))`` gives an equal model, so answers can be
    kept in a JSON column. Validation errors never repeat the input: it may hold a token.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        defer_build=True,  # at first use: most processes parse few of these
    )

    @model_validator(mode="before")
    @classmethod
    def _null_means_absent(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {name: value for name, value in data.items() if value is not None}
        return data


def _text(longest: int) -> BeforeValidator:
    return BeforeValidator(lambda it: clean(it, longest=longest) if isinstance(it, str) else it)


def web_address(value: Any) -> str:
    """Return an absolute http(s) URL as it is and anything else as "", ``javascript:`` included."""
    if not isinstance(value, str) or len(value) > 2048 or not value.isprintable() or " " in value:
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:  # such as an unclosed IPv6 bracket
        return ""
    safe = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    return value if safe else ""


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("outside the calendar") from error


def _iso_text(value: Any) -> Any:
    """Let pydantic read text (and a model's own datetime) only: a bare number has no known unit."""
    if isinstance(value, (str, datetime)):
        return value
    raise ValueError("not an ISO 8601 time")


Identifier = Annotated[str, StringConstraints(strict=True, pattern=r"^[\x21-\x7e]{1,128}$")]
Name = Annotated[str, _text(200)]
Message = Annotated[str, _text(2000)]
WebAddress = Annotated[str, BeforeValidator(web_address)]
Moment = Annotated[datetime, BeforeValidator(_iso_text), AfterValidator(_in_utc)]
Count = Annotated[int, Field(strict=True, ge=0, lt=2**31)]
Flag = StrictBool


class UserId(Answered):
    """The answer to creating a user: nothing but the id Alloy gave it [create-user]."""

    user_id: Identifier


class User(Answered):
    """An end user [get-user]. ``username`` is ours; Alloy leaves out what was never set."""

    user_id: Identifier
    username: Name = ""
    full_name: Name = ""


class UserToken(Answered):
    """A JWT that lets the browser act as one user [generate-user-token]. Never parse or log it.

    It lives an hour by [quick-start], 30 minutes by [managing-users-and-logs].
    """

    token: SecretStr


class Block(Answered):
    """A step of a workflow [list-integrations, find-a-workflow].

    ``kind`` names its app, or is ``customEvent``.
    """

    block_id: Name = Field("", validation_alias=AliasChoices("id", "connectorId", "blockId"))
    name: Name = Field("", validation_alias=AliasChoices("name", "connectorName"))
    kind: Name = Field("", validation_alias=AliasChoices("type", "connector"))
    icon: WebAddress = ""


class Workflow(Answered):
    """A workflow. ``version`` is the newest released one, ``installed_version`` the user's.

    The latter is absent where nothing is installed [list-integrations].
    """

    workflow_id: Identifier
    integration_id: Name = ""
    name: Name = ""
    installed: Flag
    active: Flag = False
    version: Count | None = None
    installed_version: Count | None = None
    blocks: tuple[Block, ...] = Field((), validation_alias=AliasChoices("blocks", "connectors"))
    created_at: Moment | None = None

    @property
    def update_available(self) -> bool:
        """Whether a newer version than the installed one has been released."""
        if not self.installed or self.version is None or self.installed_version is None:
            return False
        return self.version > self.installed_version

    @property
    def paused(self) -> bool:
        """Whether it is installed but does not run."""
        return self.installed and not self.active


class Integration(Answered):
    """An integration with this user's state of it [list-integrations]; ``app`` is its name."""

    integration_id: Identifier
    app: Name = Field(validation_alias=AliasChoices("app", "primaryConnector"))
    description: Message = ""
    icon: WebAddress = ""
    installed: Flag
    workflows: tuple[Workflow, ...] = ()

    @property
    def installed_workflows(self) -> tuple[Workflow, ...]:
        """The workflows this user has installed."""
        return tuple(workflow for workflow in self.workflows if workflow.installed)

    @property
    def update_available(self) -> bool:
        """Whether any installed workflow has a newer version."""
        return any(workflow.update_available for workflow in self.workflows)


class WorkflowVersion(Answered):
    """One version of a workflow, released or still a draft [clients]."""

    version_id: Identifier
    version_name: Name = ""
    status: Name = ""
    last_modified: Moment | None = None


_BLOCK_ID = AliasChoices("blockId", "connectorId")
_FAILED = frozenset({"error", "failed", "failure", "crashed"})


def _flat(data: Any) -> Any:
    """Return one list of items, whether Alloy wrapped them in one array or in two."""
    if not isinstance(data, list):
        return [data]
    return [item for group in data for item in (group if isinstance(group, list) else [group])]


def _error_text(error: Any) -> Any:
    """Return an error's text, whether it stands alone or as the message of an object."""
    return error.get("message", "") if isinstance(error, dict) else error


class Event(Answered):
    """A custom event and its sample body, as entered in Alloy's builder [list-events]."""

    name: Name
    description: Message = ""
    body: dict[str, JsonValue] = Field(default_factory=dict)


class BlockInput(Answered):
    """The input of one block of an execution [get-workflow-logs]."""

    block_id: Name = Field("", validation_alias=_BLOCK_ID)
    data: JsonValue = None


class BlockResult(Answered):
    """The output of one block: a list of items, each any JSON [get-workflow-logs]."""

    block_id: Name = Field("", validation_alias=_BLOCK_ID)
    started_at: Moment | None = None
    stopped_at: Moment | None = None
    data: Annotated[tuple[JsonValue, ...], BeforeValidator(_flat)] = ()


class ExecutionState(StrEnum):
    """The state of a workflow's run."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Execution(Answered):
    """One run of a workflow [get-workflow-logs]; older answers say ``status``, not ``finished``."""

    execution_id: Identifier
    started_at: Moment
    stopped_at: Moment | None = None
    finished: Flag | None = None
    status: Name = ""
    error: Annotated[Message, BeforeValidator(_error_text)] = ""
    results: tuple[BlockResult, ...] = ()
    inputs: tuple[BlockInput, ...] = ()

    @property
    def state(self) -> ExecutionState:
        """Whether it still runs, succeeded, or failed (also: stopped without finishing)."""
        if self.error or self.status in _FAILED or (self.stopped_at and self.finished is False):
            return ExecutionState.FAILED
        if self.stopped_at or self.finished or self.status == "success":
            return ExecutionState.SUCCEEDED
        return ExecutionState.RUNNING

    @property
    def seconds(self) -> float | None:
        """How long it took, once it has stopped."""
        return (self.stopped_at - self.started_at).total_seconds() if self.stopped_at else None


class LoggedRun(Answered):
    """The two ids of a run: streamed errors name the first, logs of workflows and reruns the other.

    (The first is 24 hex digits, the other 21 characters [get-logs, get-workflow-logs].)
    """

    execution_id: Identifier
    execution_uuid: Name = ""


class LogEntry(Answered):
    """An entry of the account's log [get-logs]."""

    user_id: Identifier
    data: LoggedRun


class AccountLog(Answered):
    """A page of the account's log, newest first [get-logs]."""

    notifications: tuple[LogEntry, ...]


class WorkflowError(Answered):
    """One failure of a workflow [get-workflow-errors]; ``block`` names the app at fault."""

    workflow_id: Identifier
    block: Name = Field("", validation_alias=AliasChoices("block", "blockType"))
    occurred_at: Moment = Field(validation_alias=AliasChoices("errorOccurredAt", "createdAt"))
    message: Annotated[Message, BeforeValidator(_error_text)] = Field(
        "", validation_alias=AliasChoices("message", "error")
    )


class Rerun(Answered):
    """The answer to running an execution again [rerun-workflow]."""

    execution_id: Name = Field("", validation_alias=AliasChoices("executionUuid", "executionId"))
    message: Message = ""


class Credential(Answered):
    """An account that a user connected [list-user-credentials]; ``type`` names the app."""

    credential_id: Identifier
    type: Name = ""
    name: Name = ""
    created_at: Moment | None = None


class InstallLink(Answered):
    """An Alloy Link: installs one integration for one user, once, within seven days [hosted-link].

    The URL carries a token that lets anybody act as that user: show it once, log it never.
    """

    url: SecretStr

    @field_validator("url")
    @classmethod
    def _only_web_addresses(cls, url: SecretStr) -> SecretStr:
        if not web_address(url.get_secret_value()):
            raise ValueError("not an http(s) address")
        return url


class Acknowledgement(Answered):
    """The request was taken. Alloy documents little of these answers, so few things are asked."""

    message: Message = ""
    done: Flag = Field(True, validation_alias="success")


class Deleted(Acknowledgement):
    """A user or a workflow was deleted [delete-user, delete-workflow]; a credential [clients]."""

    done: Flag = Field(validation_alias=AliasChoices("success", "deleted"))


class Activated(Acknowledgement):
    """A workflow runs again [activate-workflow]."""

    done: Flag = Field(validation_alias="activated")


class Upgrade(Acknowledgement):
    """The answer to an upgrade; not ``done`` where there was nothing newer [clients]."""

    done: Flag = Field(validation_alias=AliasChoices("upgraded", "activated"))
