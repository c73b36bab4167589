"""Who may enter a hosted page, by what its address says, and what they are about to install."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Json, ValidationError

from alloy_sandbox.core.access import find_user, verify_user_token
from alloy_sandbox.core.errors import AlloyError, ExpiredToken, InvalidToken
from alloy_sandbox.core.models import Credential, InstallLink, Integration, User, Workflow
from alloy_sandbox.core.selectors import find_app, find_integration, find_workflow

ASK_AGAIN = "Close this window and start again: a new session is made each time it is opened."
ASK_SENDER = "Ask the person who sent you the link for a new one."
NO_SUCH_APP = "Pass Alloy.authenticate() an app that GET /metadata/apps lists as a type."
LINK_USED = (410, "This link has been used", "The integration is installed already.")
NO_SUCH_ADDRESS = "Ask the API for the address once more: GET /headless/oauthUrl."
NO_SUCH_ID = "Pass Alloy.install() an integrationId, or a list of workflowIds, that the API lists."
NOT_ENCODED = (
    "Alloy's browser SDK does not percent-encode what it puts into the address, so a “&” or “#” "
    "in a title or a value cuts it short."
)

FieldValues = dict[str, Any]


@dataclass
class Problem(Exception):
    """Why a page cannot go on, in words for the person who looks at it.

    `status` is the page's HTTP status; `advice` says what to do.
    """

    status: int
    title: str
    advice: str


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


@dataclass(frozen=True)
class Visit:
    """An admitted visit: this user may install these workflows, all of one integration.

    `stands_alone`: the page is a tab of its own, with no app around it that could close it.
    """

    opening: Opening
    user: User
    integration: Integration
    workflows: list[Workflow]
    link: InstallLink | None = None
    stands_alone: bool = False
    wanted: tuple[str, ...] | None = None

    @property
    def chosen(self) -> list[Workflow]:
        """The workflows to install: all, unless the user was let to choose."""
        if self.wanted is None:
            return self.workflows
        return [each for each in self.workflows if each.workflow_id in self.wanted]

    @property
    def lets_choose(self) -> bool:
        return self.opening.workflow_selection and len(self.workflows) > 1

    def narrowed_to(self, workflow_ids: Sequence[str]) -> Visit:
        """Return the visit with the user's choice, where it was theirs."""
        return replace(self, wanted=tuple(workflow_ids)) if self.lets_choose else self

    @property
    def title(self) -> str:
        """What the page is headed with; the app that opened it may have its own words."""
        verbs = {"install": "Connect", "edit": "Edit", "update": "Update"}
        return self.opening.title or f"{verbs[self.opening.operation]} {self.integration.app}"

    @property
    def credentials(self) -> QuerySet[Credential]:
        """The accounts at this app that the user has connected before."""
        return self.user.credentials.filter(type=self.integration.connector)

    def known_values(self) -> dict[str, FieldValues]:
        """Return {workflow id: values}: what the user's copies hold, else what was pre-filled."""
        ids = [workflow.workflow_id for workflow in self.workflows]
        copies = self.user.installations.filter(workflow__in=ids)
        held = {copy.workflow_id: copy.field_values for copy in copies}
        return {each: self.opening.prefilled_for(each) | held.get(each, {}) for each in ids}


def admit_to_modal(opening: Opening) -> Visit:
    """Let a valid token's user in; raises `Problem` 401 for the token, 404 for an id."""
    user = _user_of(opening.token)
    try:
        workflows = _chosen_workflows(opening)
    except AlloyError as error:
        raise Problem(error.status, error.message, NO_SUCH_ID) from error
    return Visit(opening, user, workflows[0].integration, workflows)


def admit_to_link(opening: Opening) -> Visit:
    """Let the holder of a live link in; raises `Problem` 404, or 410 once used or expired."""
    link = InstallLink.objects.filter(token=opening.token).first()
    if link is None:
        raise Problem(404, "This link is not known", ASK_SENDER)
    if link.used_at:
        raise Problem(*LINK_USED)
    if link.expires_at <= timezone.now():
        raise Problem(410, "This link has expired", ASK_SENDER)
    workflows = list(link.integration.workflows.all())
    return Visit(opening, link.user, link.integration, workflows, link, stands_alone=True)


def admit_to_log_in(user_id: str, app_name: str) -> Visit:
    """Let a user log in to an app, without installing anything; raises `Problem` 404."""
    try:
        user, app = find_user(user_id), find_app(app_name)
    except AlloyError as error:
        raise Problem(error.status, error.message, NO_SUCH_ADDRESS) from error
    return Visit(Opening(), user, app, [], stands_alone=True)


def admit_to_authenticate(opening: Opening) -> Visit:
    """Let a valid token's user log in to one app; raises `Problem` 401, or 404 for no such app."""
    user = _user_of(opening.token)
    try:
        return Visit(opening, user, find_app(opening.app), [])
    except AlloyError as error:
        raise Problem(error.status, error.message, NO_SUCH_APP) from error


def _user_of(token: str) -> User:
    try:
        return verify_user_token(token)
    except ExpiredToken as error:
        raise Problem(401, "This session has expired", ASK_AGAIN) from error
    except InvalidToken as error:
        raise Problem(401, "This session is not valid", ASK_AGAIN) from error


def _chosen_workflows(opening: Opening) -> list[Workflow]:
    """Return the workflows asked for, never none; the integration's id wins over workflow ids."""
    if opening.integration_id or not opening.workflow_ids:
        return list(find_integration(opening.integration_id).workflows.all())
    workflows = [find_workflow(workflow_id) for workflow_id in opening.workflow_ids]
    if len({workflow.integration_id for workflow in workflows}) > 1:
        raise Problem(400, "These workflows belong to different integrations", NO_SUCH_ID)
    return workflows
