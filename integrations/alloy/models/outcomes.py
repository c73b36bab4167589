"""Answers that say only whether something was done. Each has ``done`` and, often, a message."""

from __future__ import annotations

from pydantic import AliasChoices, Field

from integrations.alloy.models.fields import Answered, Flag, Message


class Acknowledgement(Answered):
    """The request was taken. Alloy documents little of these answers, so few things are asked."""

    message: Message = ""
    done: Flag = Field(True, validation_alias="success")


class Deleted(Acknowledgement):
    """A user, a credential or an installation was deleted."""

    done: Flag = Field(validation_alias=AliasChoices("success", "deleted"))


class Activated(Acknowledgement):
    """A workflow runs again."""

    done: Flag = Field(validation_alias="activated")


class Upgrade(Acknowledgement):
    """The answer to an upgrade; not ``done`` where there was nothing newer."""

    done: Flag = Field(validation_alias=AliasChoices("upgraded", "activated"))
