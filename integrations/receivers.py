"""What the webhooks that Alloy itself defines do here. Orders are the business of `orders/`."""

from __future__ import annotations

import structlog

from integrations.failures.record import record
from integrations.inbox.payloads import Installation, StreamedError
from integrations.inbox.registry import receives
from integrations.links.services import links_were_used
from integrations.models import AlloyUser, Delivery
from integrations.pages.snapshots import something_changed

log = structlog.get_logger(__name__)


@receives(Delivery.Kind.INSTALLATION, Installation, repeatable=True)
def installation_finished(delivery: Delivery, installation: Installation) -> None:
    """Have the tenant's integrations read anew; the webhook is a hint, Alloy's answer the truth."""
    alloy_users = AlloyUser.objects.filter(environment=delivery.environment)
    something_changed(alloy_users.get(user_id=installation.user_id))
    if installation.success:
        links_were_used(delivery, integration_id=installation.integration_id)


@receives(Delivery.Kind.ERROR, StreamedError)
def error_streamed(delivery: Delivery, error: StreamedError) -> None:
    """Count the error in its group, which merchant and operator are shown until it is resolved."""
    record(delivery, error)
    log.warning(
        "workflow_error_streamed",
        workflow=error.workflow_id,
        execution=error.execution_id,
        block=error.block_type,
        tenant=delivery.tenant_id,
    )
