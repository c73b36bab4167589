"""The steps of an installation: log in, finish (with what there is to configure), done.

No session and no cookie: the visitor's permission is the token in the page's address, and what a
step needs to know of an earlier one is a credential's id in its form.
"""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from alloy_sandbox.core import ids
from alloy_sandbox.core.errors import Refused
from alloy_sandbox.core.models import Credential, Installation
from alloy_sandbox.core.preferences import preferences
from alloy_sandbox.embedded.installing import connect, consume_link, install
from alloy_sandbox.hosted.forms import ConfigurationForm, LogInForm
from alloy_sandbox.hosted.visits import LINK_USED, FieldValues, Problem, Visit

UNHIDE = json.dumps({"showModal": True})


def take_step(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Answer a visit's next page; a form's `step` says which step it completes."""
    step = request.POST.get("step")
    if step == "log-in":
        return log_in(request, visit)
    if step == "finish":
        return finish(request, visit)
    saved = visit.credentials.last()
    if saved is None or step == "another-account" or visit.opening.asks_for_log_in:
        return show_log_in(request, visit)
    return show_finish(request, visit, saved)


def log_in(request: HttpRequest, visit: Visit) -> HttpResponse:
    form = LogInForm(request.POST, integration=visit.integration, user=visit.user)
    if not form.is_valid():
        return show_log_in(request, visit, form)
    return show_finish(request, visit, keep_log_in(visit, form))


def take_only_step(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Log in and be done: for Alloy.authenticate(), and for headless installations, whose OAuth URL
    may bring a shop's name.
    """
    if request.method != "POST":
        given = request.GET.dict()
        form = LogInForm(integration=visit.integration, user=visit.user, initial=given)
        return show_log_in(request, visit, form)
    form = LogInForm(request.POST, integration=visit.integration, user=visit.user)
    if not form.is_valid():
        return show_log_in(request, visit, form)
    credential = keep_log_in(visit, form)
    connected = {"connectionId": ids.object_id(), "credentialId": credential.credential_id}
    return show(request, "done", visit, message=json.dumps(connected))


def keep_log_in(visit: Visit, form: LogInForm) -> Credential:
    """Keep what a valid form says as the user's newest credential for the app."""
    return connect(
        user=visit.user,
        type=visit.integration.connector,
        name=f"{visit.integration.app} {form.account}",
        data=form.cleaned_data,
    )


def finish(request: HttpRequest, visit: Visit) -> HttpResponse:
    credential = visit.credentials.filter(pk=request.POST.get("credential", "")).first()
    if credential is None:
        return show_log_in(request, visit)
    visit = visit.narrowed_to(request.POST.getlist("workflow"))
    form = ConfigurationForm(request.POST, workflows=visit.chosen)
    if form.is_valid() and not visit.chosen:
        form.add_error(None, "Choose at least one.")
    if form.errors:
        return show_finish(request, visit, credential, form)
    return show_done(request, visit, carry_out(visit, credential, form.values()))


@transaction.atomic
def carry_out(
    visit: Visit, credential: Credential, values: dict[str, FieldValues]
) -> list[Installation]:
    """Install what the visit is for, and use up the link that it came by.

    Raises `Problem` 410 when the link was used in another window meanwhile.
    """
    if visit.link:
        try:
            consume_link(link=visit.link)
        except Refused as refusal:
            raise Problem(*LINK_USED) from refusal
    return install(
        user=visit.user,
        integration=visit.integration,
        workflow_ids=[workflow.workflow_id for workflow in visit.chosen],
        field_values=values,
        credential=credential,
    )


def show_log_in(request: HttpRequest, visit: Visit, form: LogInForm | None = None) -> HttpResponse:
    form = form or LogInForm(integration=visit.integration, user=visit.user)
    return show(request, "log_in", visit, form=form, message=UNHIDE)


def show_finish(
    request: HttpRequest,
    visit: Visit,
    credential: Credential,
    form: ConfigurationForm | None = None,
) -> HttpResponse:
    """Show the last step. Opened with hide=true and lacking nothing, it submits itself unseen."""
    form = form or ConfigurationForm(workflows=visit.workflows, initial=visit.known_values())
    asks = visit.lets_choose or not form.needs_nothing()
    unseen = visit.opening.hide and request.method == "GET" and not asks
    return show(
        request,
        "finish",
        visit,
        form=form,
        credential=credential,
        unseen=unseen,
        message="" if unseen else UNHIDE,
    )


def show_done(
    request: HttpRequest, visit: Visit, installations: list[Installation]
) -> HttpResponse:
    """Tell the embedding page, which closes the modal, unless it is preferred to stay: then
    closing it calls the app back a second time.
    """
    message: dict[str, Any] = {
        "workflowCreated": True,
        "workflowIds": [installation.workflow_id for installation in installations],
    }
    if preferences().modal == "stays" and "unseen" not in request.POST:
        message["closeModal"] = False
    return show(request, "done", visit, message=json.dumps(message))


def show(request: HttpRequest, page: str, visit: Visit, **context: Any) -> HttpResponse:
    """Render one step's page; a form that came back with errors makes it a 422."""
    form = context.get("form")
    status = 422 if form is not None and form.errors else 200
    context |= {"visit": visit, "stands_alone": visit.stands_alone}
    return render(request, f"hosted/{page}.html", context, status=status)
