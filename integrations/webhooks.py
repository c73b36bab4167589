"""Order in, the first half: the three URLs that Alloy posts to.

A delivery that Alloy signed, for our account and a tenant we know, is stored before it is answered,
whatever its body says. `inbox.py` parses it later, so nothing is lost because it cannot be parsed.
Brackets name the page of Alloy's documentation that a rule comes from.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
import uuid
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import structlog
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from integrations import conf, correlation, database
from integrations.alloy import KeyUnavailable, PublicKeySource, SignatureError
from integrations.alloy.text import clean_text
from integrations.destinations import ROUTE, public_url
from integrations.flood_control import log_refusal, storing
from integrations.metrics import WEBHOOKS
from integrations.models import AlloyUser, Delivery
from integrations.models.inbox import Unreadable, read_json
from integrations.wake import Hint, after_commit

log = structlog.get_logger(__name__)

_PATH = re.compile(f"/webhooks/alloy/{ROUTE}")
_LENGTH = re.compile("[0-9]{1,18}")
_IS_USER_ID = re.compile("[!-~]{1,64}")

SECONDS_TO_CACHE_A_TENANT = 30.0


class Refusal(Exception):
    """Refuses a delivery: becomes a short JSON answer with this status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@login_not_required
@csrf_exempt
@database.outside_transactions
def webhook(request: HttpRequest, token: str, kind: str) -> JsonResponse:
    """Receive a delivery: 202 if it is new, 200 if it is stored already, otherwise 4xx or 503."""
    try:
        delivery = _delivery_in(request, token=token, kind=kind)
        with storing:
            is_new = _keep(delivery)
        status, message = (202, "Accepted.") if is_new else (200, "Already received.")
        log.info("webhook_received", kind=kind, status=status, delivery=delivery.pk)
    except Refusal as refusal:
        status, message = refusal.status, str(refusal)
        log_refusal(kind=kind, status=status, reason=message)
        storing.let_finish()
    except database.AWAY as error:
        status, message = 503, "The delivery cannot be kept right now; try again."
        log.error("webhook_not_kept", kind=kind, error=type(error).__name__)
    WEBHOOKS.labels(kind, str(status)).inc()
    answer = JsonResponse({"message": message}, status=status)
    # By CommonMiddleware otherwise, which a webhook does not pass.
    answer["Content-Length"] = str(len(answer.content))
    if status == 405:
        answer["Allow"] = "POST"
    return answer


class WebhookMiddleware:
    """Answers webhooks before sessions, logins and whatever else only visitors need.

    The URLs work without it, but cost about twice as much. Put it below the middleware that sets
    security headers and the client's address.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match = _PATH.search(request.path_info)
        return webhook(request, **match.groupdict()) if match else self._get_response(request)


def _delivery_in(request: HttpRequest, *, token: str, kind: str) -> Delivery:
    """Return the delivery in a request: checked, not stored. One query at most, for the tenant."""
    if not _is_ours(token):
        raise Refusal(404, "Not found.")
    if request.method != "POST":
        raise Refusal(405, "Send a POST.")
    body = _read(request)
    _verify(request, body)
    signed, hint = _user_ids(request, kind, body)
    if hint and not signed:
        _look_up(hint)
    return Delivery(
        kind=kind,
        environment=conf.environment(),
        tenant_id=_tenant_of(signed) if signed else None,
        hinted_user_id=hint,
        hints=_hints(request),
        digest=_digest(kind, signed, body),
        body=body,
        due_at=timezone.now(),
        correlation_id=_correlation_id(request),
    )


def _keep(delivery: Delivery) -> bool:
    """Store a delivery and have it processed; return whether it is new. One statement if it is.

    A repeated one changes nothing, except for an installation, which is processed again: it only
    says that the tenant's integrations have changed.
    """
    try:
        is_new = Delivery.objects.keep(delivery)
        if not is_new and delivery.kind == Delivery.Kind.INSTALLATION:
            Delivery.objects.filter(pk=delivery.pk).process_again()
    except IntegrityError as error:  # the tenant was deleted after it was cached
        forget_tenants()
        raise Refusal(404, "No user of ours has this userId.") from error
    if is_new or delivery.kind == Delivery.Kind.INSTALLATION:
        after_commit(Hint.PROCESS_DELIVERIES)
    return is_new


def _is_ours(token: str) -> bool:
    """Compare the token in the URL with each accepted one, in constant time.

    The signature says "from Alloy", but Alloy signs for all its customers with one key
    [rsa-header-signature]: only the token, which nobody else knows, says "from our account".
    """
    matches = [
        hmac.compare_digest(token.encode(), good.encode()) for good in conf.read().WEBHOOK_TOKENS
    ]
    return any(matches)


def _read(request: HttpRequest) -> bytes:
    """Return the body; refuse one whose announced length is wrong, or that is too large."""
    longest = conf.read().WEBHOOK_MAX_BYTES
    source, length = _source(request, longest)
    if not _LENGTH.fullmatch(length):
        raise Refusal(400, "The Content-Length is not a number.")
    too_large = Refusal(413, f"The body is larger than {longest} bytes.")
    if source is request and int(length) > longest:
        raise too_large
    try:
        body: bytes = source.read(int(length))
    except Exception as error:  # hung up, or no chunks: each server has errors of its own
        raise Refusal(400, "The body cannot be read to its end.") from error
    if len(body) > longest:
        raise too_large
    return body


def _source(request: HttpRequest, longest: int) -> tuple[Any, str]:
    """Return what to read the body from, and how much of it: chunks are joined by the server."""
    if "HTTP_TRANSFER_ENCODING" not in request.META:
        return request, request.META.get("CONTENT_LENGTH") or "0"
    if not request.META.get("wsgi.input_terminated"):  # gunicorn sets it
        raise Refusal(411, "Send a Content-Length.")
    return request.META["wsgi.input"], str(longest + 1)


def _verify(request: HttpRequest, body: bytes) -> None:
    """Check the signature over method, public URL and raw body."""
    try:
        public_key_source(conf.account()).verify(
            signature_hex=request.headers.get("X-Alloy-Signature", ""),
            method=request.method or "",
            url=public_url(request),
            body=body,
        )
    except SignatureError as error:
        raise Refusal(401, str(error)) from error
    except KeyUnavailable as error:
        raise Refusal(503, "The signature cannot be checked right now; try again.") from error


@lru_cache(maxsize=4)
def public_key_source(account: conf.Account) -> PublicKeySource:
    """Return this process's cached copy of Alloy's public key."""
    return PublicKeySource(url=account.hosts.public_key_url)


def _user_ids(request: HttpRequest, kind: str, body: bytes) -> tuple[str, str]:
    """Return the Alloy userId that the signature covers, and the one that only a header names.

    Alloy writes the body of an installation, which names the user
    [integration-installation-webhook]. A store writes the other bodies, which may say anything: for
    these the id is in the URL [data-streaming], or only in the header [handling-errors].
    """
    if kind == Delivery.Kind.INSTALLATION:
        return _user_named_in(body), ""
    signed = request.GET.get("userId", "")
    hint = request.headers.get("X-Alloy-UserId", "")
    if not signed or "{" in signed:  # the builder has not filled its variable in
        if not hint:
            raise Refusal(400, "No user: put ?userId=... into the destination URL.")
        return "", hint
    return signed, hint if _IS_USER_ID.fullmatch(hint) else ""


def _user_named_in(body: bytes) -> str:
    """Return the userId; "" where the body cannot be parsed: it becomes a dead letter later."""
    try:
        content = read_json(body)
    except Unreadable:
        return ""
    user_id = content.get("userId") if isinstance(content, dict) else ""
    return user_id if isinstance(user_id, str) else ""


def _tenant_of(user_id: str) -> Any:
    """Return the id of the tenant with this Alloy user, from a short-lived cache.

    Only tenants that exist are cached. If one is erased meanwhile, its foreign key refuses the row.
    """
    moment = int(time.monotonic() / SECONDS_TO_CACHE_A_TENANT)
    return _cached_tenant(conf.environment(), user_id, moment)


@lru_cache(maxsize=10_000)
def _cached_tenant(_environment: str, user_id: str, _moment: int) -> Any:
    return _look_up(user_id)


def _look_up(user_id: str) -> Any:
    # PostgreSQL cannot compare with a text that holds a NUL.
    if _IS_USER_ID.fullmatch(user_id):
        known = AlloyUser.objects.filter(
            environment=conf.environment(), user_id=user_id, tenant__isnull=False
        )
        if found := known.values_list("tenant_id").first():
            return found[0]
    raise Refusal(404, "No user of ours has this userId.")


@receiver(pre_delete, sender=conf.tenant_model())
def forget_tenants(**_signal: Any) -> None:
    """Empty the cache: a tenant is being deleted."""
    _cached_tenant.cache_clear()


def _hints(request: HttpRequest) -> dict[str, str]:
    """Return what Alloy says of the run, in headers that it does not sign [handling-errors]."""
    names = ("WorkflowId", "BlockName", "BlockType", "ExecutionUuid")
    sent = {name: clean_text(request.headers.get(f"X-Alloy-{name}", ""))[:200] for name in names}
    return {name: value for name, value in sent.items() if value}


def _digest(kind: str, user_id: str, body: bytes) -> str:
    """Return what identifies a delivery: everything that is signed [rsa-header-signature].

    Alloy documents no id of a delivery, and signs no time.
    """
    head = f"{conf.environment()}\n{kind}\n{user_id}\n"
    return hashlib.sha256(head.encode() + body).hexdigest()


def _correlation_id(request: HttpRequest) -> str:
    """Return the id that the request came with, or a new one."""
    sent = request.headers.get("X-Request-ID") or request.headers.get("X-Correlation-ID") or ""
    return clean_text(sent)[:64] or correlation.of_trace() or str(uuid.uuid4())
