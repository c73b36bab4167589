"""Runs failed executions again, each once, and only those that a page showed to the tenant.

Nothing in an execution's id tells whose it is, and Alloy's documentation does not say that Alloy
checks. So the page shows each id signed for the tenant, and only a signed id can be sent back.
"""

from __future__ import annotations

from django.core.signing import BadSignature, Signer
from django.http import Http404

from integrations.alloy import AlloyError, TemporaryError, Workflow
from integrations.client import alloy_for_click
from integrations.contrib.activity.following import follow_rerun
from integrations.contrib.activity.models import Rerun
from integrations.models import AlloyUser

UNNAMED = "-"
"""Stands for the id of a new run that Alloy did not tell."""


def execution_rerun(*, alloy_user: AlloyUser, workflow: Workflow, execution_id: str) -> bool:
    """Run a failed execution again; return False if it was before. Raises `AlloyError`.

    The row is there before the call, so two clicks run it once. It goes when nothing ran.
    """
    rerun = _begin(alloy_user, execution_id)
    if rerun is None:
        return False
    try:
        again = alloy_for_click().rerun(
            execution_id=execution_id, user_id=alloy_user.user_id, workflow_id=workflow.workflow_id
        )
    except AlloyError as error:
        if not (isinstance(error, TemporaryError) and error.ambiguous):
            rerun.delete()
        raise
    Rerun.objects.filter(pk=rerun.pk).update(new_execution_id=again.execution_id or UNNAMED)
    if again.execution_id:
        follow_rerun(execution_id, again.execution_id)
    return True


def _begin(alloy_user: AlloyUser, execution_id: str) -> Rerun | None:
    """Write down that it is run again; None if it was. A lost answer counts for a while only."""
    earlier = Rerun.objects.filter(
        tenant=alloy_user.tenant, environment=alloy_user.environment, execution_id=execution_id
    )
    earlier.lost().delete()
    rerun, is_first = Rerun.objects.get_or_create(
        tenant=alloy_user.tenant, environment=alloy_user.environment, execution_id=execution_id
    )
    return rerun if is_first else None


def signed(execution_id: str, *, alloy_user: AlloyUser) -> str:
    """Return the id as this tenant's page may send it back."""
    return _signer(alloy_user).sign(execution_id)


def unsigned(value: str, *, alloy_user: AlloyUser) -> str:
    """Return the execution's id. Raises `Http404` for one that was not shown to this tenant."""
    try:
        return _signer(alloy_user).unsign(value)
    except BadSignature:
        raise Http404("No such execution.") from None


def _signer(alloy_user: AlloyUser) -> Signer:
    return Signer(salt=f"{__name__}:{alloy_user.environment}:{alloy_user.user_id}")
