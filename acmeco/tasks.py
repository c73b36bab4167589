"""The task that deletes accounts of which nobody proved the address."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts.selectors import never_proved
from integrations import database
from integrations.contrib.privacy.services import Requester, account_erase

AT_ONCE = 100


@shared_task
def forget_unproved() -> None:
    """Delete accounts that nobody proved to be theirs: the address is free again."""
    link_lasts = timedelta(days=settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS)
    unproved = never_proved(since=timezone.now() - link_lasts)
    for key in list(unproved.values_list("pk", flat=True)[:AT_ONCE]):
        with database.atomic():
            user = unproved.select_for_update().filter(pk=key).first()
            if user is not None:
                account_erase(tenant=user, requested_by=Requester.OPERATOR)
