"""Configures the logs: structlog over the standard library, with secrets masked."""

from __future__ import annotations

from typing import Any

import structlog

from acmeco.secret_urls import mask_event
from integrations.redaction import redact_event

_SHARED: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.processors.StackInfoRenderer(),
]


def logging_config(*, json: bool) -> dict[str, Any]:
    """Configure structlog; return Django's LOGGING for JSON, or for readable lines."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    )
    last_steps = [structlog.processors.format_exc_info] if json else []
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    *last_steps,
                    redact_event,
                    mask_event,
                    renderer,
                ],
            },
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            # Django's own handlers print what it logs a second time, with nothing masked.
            "django": {"level": "INFO"},
            # It repeats each 4xx, which "request_finished" has told: too much in a flood of them.
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
            # A sweep every second is no news; what it does says so itself.
            "celery.app.trace": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "django_structlog.celery": {"level": "ERROR"},
        },
    }
