"""Answers about a user's credentials and the hosted link."""

from __future__ import annotations

from pydantic import SecretStr, field_validator

from integrations.alloy.models.fields import (
    Answered,
    Identifier,
    Moment,
    Name,
    web_address,
)


class Credential(Answered):
    """An account that a user connected. Alloy holds the secret itself; ``type`` names the app."""

    credential_id: Identifier
    type: Name = ""
    name: Name = ""
    created_at: Moment | None = None
    updated_at: Moment | None = None


class InstallLink(Answered):
    """An Alloy Link: installs one integration for one user, once, within seven days.

    The URL carries a token, so whoever holds it can act as that user: show it once, log it never.
    """

    url: SecretStr

    @field_validator("url")
    @classmethod
    def _only_web_addresses(cls, url: SecretStr) -> SecretStr:
        if not web_address(url.get_secret_value()):
            raise ValueError("not an http(s) address")
        return url
