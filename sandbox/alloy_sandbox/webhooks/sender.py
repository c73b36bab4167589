"""The threads that make the outbound calls: one finds what is due, eight send it."""

from __future__ import annotations

import logging
import threading
import time
from datetime import datetime, timedelta
from functools import cache
from queue import Queue
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from alloy_sandbox.core.middleware import turn
from alloy_sandbox.core.models import WebhookAttempt, WebhookDelivery
from alloy_sandbox.core.signing_key import signing_key
from alloy_sandbox.embedded import running
from alloy_sandbox.webhooks import queue
from alloy_sandbox.webhooks.keys import HEADER, sign

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

logger = logging.getLogger(__name__)

SENDERS = 8
LONGEST_ANSWER_KEPT = 2000
# How late a retry may be; new deliveries wake the thread at once.
PAUSE_SECONDS = 0.25


@cache
def _connections() -> PoolManager:
    from urllib3 import PoolManager  # here, because it takes a tenth of the start

    return PoolManager(SENDERS, maxsize=SENDERS, retries=False)


def start() -> None:
    """Send in the background until the process ends; what is left is sent after the next start."""
    due: Queue[int] = Queue()
    in_flight: set[int] = set()
    for _ in range(SENDERS):
        threading.Thread(target=_send_for_ever, args=(due, in_flight), daemon=True).start()
    threading.Thread(target=_look_for_ever, args=(due, in_flight), daemon=True).start()


def _look_for_ever(due: Queue[int], in_flight: set[int]) -> None:
    while True:
        queue.something_to_send.wait(PAUSE_SECONDS)
        queue.something_to_send.clear()
        for key in _due(in_flight):
            in_flight.add(key)
            due.put(key)


def _due(in_flight: set[int]) -> list[int]:
    """Return as many deliveries that are due as there are senders free."""
    try:
        due = WebhookDelivery.objects.filter(next_attempt_at__lte=timezone.now())
        waiting = due.exclude(pk__in=set(in_flight)).order_by("next_attempt_at")
        return list(waiting.values_list("pk", flat=True)[: SENDERS - len(in_flight)])
    except Exception:  # the thread must outlive whatever happens to the database
        logger.exception("The webhooks that are due could not be read")
        time.sleep(1)
        return []


def _send_for_ever(due: Queue[int], in_flight: set[int]) -> None:
    while True:
        key = due.get()
        try:
            send(key)
        except Exception:
            logger.exception("Webhook %s could not be sent", key)
            time.sleep(1)
        in_flight.discard(key)
        queue.something_to_send.set()


def send(key: int) -> None:
    """Make one attempt at a delivery and record what came of it."""
    delivery = WebhookDelivery.objects.filter(pk=key, next_attempt_at__isnull=False).first()
    if delivery is None:
        return
    attempt = _attempt(delivery)
    with turn, transaction.atomic():
        _record(key, attempt)


def _attempt(delivery: WebhookDelivery) -> WebhookAttempt:
    from urllib3.exceptions import HTTPError

    started, clock = timezone.now(), time.monotonic()
    attempt = WebhookAttempt(delivery=delivery, started_at=started)
    try:
        answer = _post(delivery)
        attempt.response_status = answer.status
        attempt.response_body = answer.data.decode(errors="replace")[:LONGEST_ANSWER_KEPT]
    except (HTTPError, ValueError) as error:  # ValueError: no such address
        attempt.error = f"{type(error).__name__}: {error}"
    attempt.milliseconds = (time.monotonic() - clock) * 1000
    return attempt


def _post(delivery: WebhookDelivery) -> BaseHTTPResponse:
    signature = sign(signing_key().private_pem, method="POST", url=delivery.url, body=delivery.body)
    return _connections().request(
        "POST",
        delivery.url,
        body=delivery.body.encode(),
        headers={
            "Content-Type": "application/json",
            "User-Agent": "Alloy sandbox",
            **delivery.headers,
            HEADER: signature,
        },
        timeout=settings.SANDBOX_WEBHOOK_TIMEOUT,
        redirect=False,
    )


def _record(key: int, attempt: WebhookAttempt) -> None:
    """Keep the attempt, and decide between delivered, later, and given up."""
    delivery = WebhookDelivery.objects.filter(pk=key).first()
    if delivery is None:  # a reset came in between
        return
    attempt.delivery = delivery
    attempt.save()
    status = attempt.response_status
    taken = status is not None and 200 <= status < 300
    delivery.attempts_left = 0 if taken else max(delivery.attempts_left - 1, 0)
    delivery.next_attempt_at = _next_attempt(delivery.attempts_left)
    if delivery.next_attempt_at is None:
        delivery.status = (
            WebhookDelivery.Status.DELIVERED if taken else WebhookDelivery.Status.FAILED
        )
        _close_execution(delivery, attempt)
    delivery.save()


def _next_attempt(attempts_left: int) -> datetime | None:
    if not attempts_left:
        return None
    return timezone.now() + timedelta(seconds=settings.SANDBOX_WEBHOOK_BACKOFF[-attempts_left])


def _close_execution(delivery: WebhookDelivery, attempt: WebhookAttempt) -> None:
    """End the execution whose Stream Data block this delivery was."""
    execution = delivery.execution
    if delivery.kind != WebhookDelivery.Kind.ORDER or execution is None or execution.stopped_at:
        return
    if delivery.status == WebhookDelivery.Status.DELIVERED:
        running.succeed(execution, {"statusCode": attempt.response_status})
    else:
        answer = attempt.error or f"Request failed with status code {attempt.response_status}"
        running.fail(execution, f"Stream Data: {answer}")
