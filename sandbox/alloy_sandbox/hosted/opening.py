"""What the address of the modal or of the link page asks for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import QueryDict
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Json, ValidationError

from alloy_sandbox.hosted.problems import Problem

NOT_ENCODED = (
    "Alloy's browser SDK does not percent-encode what it puts into the address, so a “&” or “#” "
    "in a title or a value cuts it short."
)


class PrefilledValue(BaseModel):
    """One entry of `preFilledValues`: a value for the configurable field of that name.

    Alloy does not publish the shape; this one follows the fields of headless installation.
    """

    name: str
    value: Any = ""
    workflow_id: str = Field("", alias="workflowId")


Flag = Annotated[bool, BeforeValidator(lambda value: value == "true")]


class Opening(BaseModel):
    """The query of the modal's and the link's address, as Alloy's clients write it.

    The modal's flag is `alwaysShowAuthentication`, the link's is `alwaysShowCredentials`.
    `versionId` and `outputOverride` are accepted and left alone.
    """

    model_config = ConfigDict(extra="ignore")

    token: str = ""
    app: str = ""
    integration_id: str = Field("", alias="integrationId")
    workflow_ids: list[str] = Field([], alias="id")
    prefilled: Json[list[PrefilledValue]] = Field([], alias="preFilledValues")
    operation: Literal["install", "edit", "update"] = "install"
    title: str = ""
    hide: Flag = False
    workflow_selection: Flag = Field(False, alias="workflowSelection")
    always_show_authentication: Flag = Field(False, alias="alwaysShowAuthentication")
    always_show_credentials: Flag = Field(False, alias="alwaysShowCredentials")

    @property
    def asks_for_log_in(self) -> bool:
        return self.always_show_authentication or self.always_show_credentials

    def prefilled_for(self, workflow_id: str) -> dict[str, Any]:
        """Return {field name: value} of what is meant for this workflow, or for every one."""
        meant = (each for each in self.prefilled if each.workflow_id in ("", workflow_id))
        return {each.name: each.value for each in meant}


def read_opening(query: QueryDict) -> Opening:
    """Parse the query; raises `Problem` (400) naming the first parameter that is wrong."""
    try:
        return Opening.model_validate({**query.dict(), "id": query.getlist("id")})
    except ValidationError as error:
        first = error.errors()[0]
        name = first["loc"][0] if first["loc"] else "The address"
        raise Problem(
            400, "This address is not right", f"{name}: {first['msg']}. {NOT_ENCODED}"
        ) from error
