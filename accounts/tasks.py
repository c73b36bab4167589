"""The task that deletes expired sessions."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from celery import shared_task
from django.contrib.sessions.models import Session
from django.core.management import call_command


@shared_task
def clear_sessions() -> None:
    """Delete sessions that have expired, and what was noted of them for their users."""
    call_command("clearsessions")
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
