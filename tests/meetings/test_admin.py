from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from integrations.contrib.connectivity.models import ConnectAttempt, Connection
from integrations.models import Message
from meetings.models import Copy, Meeting
from tests.integrations.admin.steps import list_of, look_at, page_of
from tests.meetings.conftest import copy_at, new_meeting

pytestmark = pytest.mark.django_db


def test_an_operator_finds_a_merchants_copies_but_not_what_was_said(
    merchant: User, operator_client: Client, connection: Connection
) -> None:
    meeting = new_meeting(merchant, notes="Between us")
    copy = copy_at(meeting, "notion")
    assert page_of(meeting) in look_at(operator_client, list_of(Meeting), q=merchant.email)
    html = look_at(operator_client, page_of(meeting))
    assert "Between us" not in html
    assert page_of(copy) in look_at(operator_client, list_of(Copy), meeting=meeting.pk)
    assert f"q={copy.message_uid}" in look_at(operator_client, page_of(copy))


def test_the_message_that_writes_a_copy_leads_to_it(
    merchant: User, operator_client: Client, connection: Connection
) -> None:
    copy = copy_at(new_meeting(merchant), "notion")
    message = Message.objects.get(kind="meeting_copy")
    assert page_of(copy) in look_at(operator_client, page_of(message))


def test_an_operator_sees_accounts_and_why_they_fail(
    merchant: User, operator_client: Client, connection: Connection
) -> None:
    html = look_at(operator_client, list_of(Connection), tenant=merchant.pk)
    assert "notion refused post-page: Why" in html
    assert connection.credential_id in look_at(operator_client, page_of(connection))


def test_an_operator_sees_tries_but_nothing_to_return_with(
    merchant: User, operator_client: Client, connection: Connection
) -> None:
    attempt = ConnectAttempt.objects.create(
        tenant=merchant,
        environment=connection.environment,
        connector="notion",
        connector_name="Notion",
        digest="d" * 64,
        session_digest="s" * 64,
        connection=connection,
        outcome=ConnectAttempt.Outcome.CONNECTED,
        expires_at=connection.created_at,
    )
    assert page_of(attempt) in look_at(operator_client, list_of(ConnectAttempt), q="")
    html = look_at(operator_client, page_of(attempt))
    assert "d" * 64 not in html
    assert "s" * 64 not in html
