"""The three URLs Alloy posts to. Verify the bytes, then parse, then keep, then answer."""

from __future__ import annotations

import re

import structlog
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from pydantic import BaseModel, ValidationError

from integrations import conf, rate_limits
from integrations.alloy import KeyUnavailable, SignatureError
from integrations.inbox import signature
from integrations.inbox.payloads import Installation
from integrations.inbox.receive import Incoming, keep
from integrations.inbox.registry import receiver_of
from integrations.metrics import WEBHOOKS
from integrations.models import AlloyUser

log = structlog.get_logger(__name__)

_UNKNOWN = "No user of ours has this userId."


class Refusal(Exception):
    """A delivery we do not take; becomes a short JSON answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@csrf_exempt
def webhook(request: HttpRequest, token: str, kind: str) -> JsonResponse:
    """Take a delivery in: 202 when it is kept, 200 when we had it, otherwise 4xx or 503."""
    try:
        created = _take_in(request, token=token, kind=kind)
    except Refusal as refusal:
        answer = _refuse(request, refusal, kind=kind)
    except (OperationalError, InterfaceError) as error:
        log.error("webhook_not_kept", kind=kind, error=type(error).__name__)
        answer = _answer(503, "The delivery cannot be kept right now; try again.")
    else:
        answer = _answer(202, "Accepted.") if created else _answer(200, "Already received.")
    WEBHOOKS.labels(kind, str(answer.status_code)).inc()
    return answer


def _refuse(request: HttpRequest, refusal: Refusal, *, kind: str) -> JsonResponse:
    """Say no, with the reason. A flood of refusals is answered 429 and not logged line by line."""
    if rate_limits.exceeded(rate_limits.REFUSED_WEBHOOKS, rate_limits.visitor(request)):
        return _answer(429, "Too many refused requests. Try again in a minute.")
    log.warning("webhook_refused", kind=kind, status=refusal.status, reason=str(refusal))
    return _answer(refusal.status, str(refusal))


def _take_in(request: HttpRequest, *, token: str, kind: str) -> bool:
    if not signature.token_is_ours(token):
        raise Refusal(404, "Not found.")
    if request.method != "POST":
        raise Refusal(405, "Send a POST.")
    _refuse_oversized(request)
    _refuse_unsigned(request)
    incoming = _parse(request, kind)
    try:
        return keep(incoming, tenant_id=_tenant_of(incoming))
    except IntegrityError as error:  # the tenant left between the two
        raise Refusal(404, _UNKNOWN) from error


def _refuse_oversized(request: HttpRequest) -> None:
    """Look at the announced length, before anything is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if "Transfer-Encoding" in request.headers:
        raise Refusal(411, "Send a Content-Length.")
    if not re.fullmatch("[0-9]{1,18}", length):
        raise Refusal(400, "The Content-Length is not a number.")
    if int(length) > conf.webhook_max_bytes():
        raise Refusal(413, f"The body is larger than {conf.webhook_max_bytes()} bytes.")


def _refuse_unsigned(request: HttpRequest) -> None:
    try:
        signature.verify(request)
    except UnreadablePostError as error:  # the client has hung up
        raise Refusal(400, "The body broke off.") from error
    except SignatureError as error:
        raise Refusal(401, str(error)) from error
    except KeyUnavailable as error:
        raise Refusal(503, "The signature cannot be checked right now; try again.") from error


def _parse(request: HttpRequest, kind: str) -> Incoming:
    try:
        parsed = _model_of(kind).model_validate_json(request.body)
    except ValidationError as error:
        raise Refusal(400, _explain(error)) from error
    except UnicodeDecodeError as error:
        raise Refusal(400, "The body is not UTF-8.") from error
    user_id = _user_id_of(request, parsed)
    return Incoming(kind=kind, user_id=user_id, body=request.body, identity=_identity(request))


def _model_of(kind: str) -> type[BaseModel]:
    try:
        return receiver_of(kind).model
    except KeyError as error:
        raise Refusal(503, f"No app here takes {kind}. Register one with `receives`.") from error


def _explain(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])


def _user_id_of(request: HttpRequest, parsed: BaseModel) -> str:
    """Return whose it is; other bodies than Alloy's own are a store's, and may say anything.

    The URL is signed, the header is not: it counts only where the URL is silent.
    """
    if isinstance(parsed, Installation):
        return parsed.user_id
    return request.GET.get("userId") or request.headers.get("X-Alloy-UserId", "")


def _tenant_of(incoming: Incoming) -> int:
    user_id = incoming.user_id
    if not user_id:
        raise Refusal(400, "No user: put ?userId=... into the destination URL.")
    known = AlloyUser.objects.filter(environment=conf.environment(), user_id=user_id)
    # PostgreSQL cannot even compare with what holds a NUL.
    tenant_id = known.values_list("tenant_id", flat=True).first() if user_id.isprintable() else None
    if tenant_id is None:
        raise Refusal(404, _UNKNOWN)
    return tenant_id


def _identity(request: HttpRequest) -> dict[str, str]:
    names = ("WorkflowId", "UserId", "BlockName", "BlockType", "ExecutionUuid")
    sent = {name: request.headers.get(f"X-Alloy-{name}", "")[:200] for name in names}
    return {name: value for name, value in sent.items() if value and value.isprintable()}


def _answer(status: int, message: str) -> JsonResponse:
    response = JsonResponse({"message": message}, status=status)
    if status == 405:
        response["Allow"] = "POST"
    return response
