"""The one id that ties a web request to its tasks and to the calls they make.

Where the project traces with OpenTelemetry, it is the id of the trace: work that waited in outbox
or inbox continues in the trace that it began in, and the wait is a span of its own.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from typing import Any

from structlog.contextvars import bound_contextvars, get_contextvars

try:
    from opentelemetry import trace as opentelemetry
except ImportError:  # optional: without it nothing is traced
    opentelemetry = None  # type: ignore[assignment]

trace: Any = opentelemetry


def current() -> str:
    """Return the id of the request or message being worked on; a new one when there is none.

    A client may send the id of its request, as long as it likes: here it is cut to fit its column.
    """
    context = get_contextvars()
    known = context.get("correlation_id") or of_trace() or context.get("request_id") or uuid.uuid4()
    return str(known)[:64]


def of_trace() -> str | None:
    """Return the id of the trace that is under way, written as a UUID; None when there is none."""
    span = trace.get_current_span().get_span_context() if trace is not None else None
    return str(uuid.UUID(int=span.trace_id)) if span and span.is_valid else None


@contextmanager
def continued(
    correlation_id: str, *, name: str = "", since: datetime | None = None
) -> Iterator[None]:
    """Log everything inside under the id that the work began with, and go on in its trace.

    The span is called `name`; before it stands one for the wait `since` then.
    """
    with bound_contextvars(correlation_id=correlation_id), _span(correlation_id, name, since):
        yield


def _span(correlation_id: str, name: str, since: datetime | None) -> AbstractContextManager[Any]:
    if not is_tracing():
        return nullcontext()
    tracer, parent = trace.get_tracer(__name__), _parent(correlation_id)
    if since is not None:
        tracer.start_span(f"{name}: waiting", context=parent, start_time=_nanoseconds(since)).end()
    span: AbstractContextManager[Any] = tracer.start_as_current_span(
        name, context=parent, record_exception=False, set_status_on_exception=False
    )
    return span


def trace_call(method: str, route: str, status: int | None, seconds: float) -> None:
    """Add a span for a call to Alloy that has just ended; status None means that no answer came."""
    if not is_tracing():
        return
    now = time.time_ns()
    span = trace.get_tracer(__name__).start_span(
        f"{method} {route}",
        kind=trace.SpanKind.CLIENT,
        start_time=now - int(seconds * 1_000_000_000),
        attributes={"http.response.status_code": status or 0},
    )
    span.end(now)


def trace_run(correlation_id: str, name: str, *, began: datetime, ended: datetime) -> None:
    """Add a span for what ran at Alloy to the trace that it began in.

    Alloy passes no trace on: the span is linked to the trace in which we learned of the run.
    """
    if not is_tracing():
        return
    learned_in = trace.get_current_span().get_span_context()
    span = trace.get_tracer(__name__).start_span(
        name,
        context=_parent(correlation_id),
        start_time=_nanoseconds(began),
        links=[trace.Link(learned_in)] if learned_in.is_valid else [],
    )
    span.end(_nanoseconds(ended))


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000_000)


def is_tracing() -> bool:
    """Return whether the project has configured OpenTelemetry."""
    return trace is not None and not isinstance(
        trace.get_tracer_provider(), trace.ProxyTracerProvider
    )


def _parent(correlation_id: str) -> Any:
    """Return the context of the trace with this id; an id from outside may be no trace's."""
    try:
        trace_id = uuid.UUID(correlation_id).int
    except ValueError:
        return None
    began = trace.SpanContext(
        trace_id=trace_id,
        span_id=trace_id & 0xFFFFFFFFFFFFFFFF or 1,  # the request's own span is not kept
        is_remote=True,
        trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED),
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(began))
