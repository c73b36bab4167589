"""Traces and crash reports, for who configures them: nothing is imported otherwise.

A trace has the id that the logs call `request_id` and `correlation_id`, so it goes on where that
is handed on: through the outbox to the call to Alloy, and from a webhook to the order.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from acmeco.secret_urls import in_each_text, mask_addresses
from integrations.redaction import redact

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider


def start_watching() -> None:
    """Begin to trace and to report crashes, if the environment says where. Runs once a process."""
    if dsn := os.environ.get("SENTRY_DSN"):
        _report_crashes(dsn)
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        trace(BatchSpanProcessor(OTLPSpanExporter()))


def trace(processor: SpanProcessor) -> TracerProvider:
    """Give each request a span, as the app does each call; hand all on to `processor`, masked."""
    from opentelemetry import trace as opentelemetry
    from opentelemetry.instrumentation.django import DjangoInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    name = os.environ.get("OTEL_SERVICE_NAME", "acmeco")
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(Masking(processor))  # type: ignore[arg-type]  # by duck typing
    opentelemetry.set_tracer_provider(provider)
    DjangoInstrumentor().instrument(
        tracer_provider=provider, excluded_urls="healthz,readyz,metrics"
    )
    return provider


def masked(text: str) -> str:
    """Return the text without secrets and without the secret parts of our addresses."""
    return mask_addresses(redact(text))


class Masking:
    """A span processor that hands on what another may see: names, addresses and events, masked."""

    def __init__(self, processor: SpanProcessor) -> None:
        self._processor = processor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._processor, name)

    def on_end(self, span: ReadableSpan) -> None:
        """Hand a masked copy on: a span that has ended cannot be changed."""
        from opentelemetry.sdk.trace import Event, ReadableSpan

        masked_span = ReadableSpan(
            name=masked(span.name),
            context=span.context,
            parent=span.parent,
            resource=span.resource,
            attributes=in_each_text(dict(span.attributes or {}), masked),
            events=[
                Event(
                    event.name, in_each_text(dict(event.attributes or {}), masked), event.timestamp
                )
                for event in span.events
            ],
            links=span.links,
            kind=span.kind,
            status=span.status,
            start_time=span.start_time,
            end_time=span.end_time,
            instrumentation_scope=span.instrumentation_scope,
        )
        self._processor.on_end(masked_span)


def _report_crashes(dsn: str) -> None:
    import sentry_sdk

    sentry_sdk.init(
        dsn,
        environment=os.environ.get("SENTRY_ENVIRONMENT"),
        send_default_pii=False,
        include_local_variables=False,  # they hold orders, tokens and addresses
        max_request_body_size="never",
        before_send=lambda event, _: in_each_text(event, masked),
        before_breadcrumb=lambda crumb, _: in_each_text(crumb, masked),
    )
