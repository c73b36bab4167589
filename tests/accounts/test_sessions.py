"""Where somebody is logged in, and how that ends."""

from __future__ import annotations

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.tasks import clear_sessions

PASSWORD = "a long pass phrase"


def logged_in(user: User, browser: str) -> Client:
    client = Client(headers={"User-Agent": browser})
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client


def test_a_user_sees_where_they_are_logged_in_and_ends_it_everywhere_else(merchant: User) -> None:
    here, there = logged_in(merchant, "Firefox"), logged_in(merchant, "<b>Netscape</b>")
    page = here.get("/accounts/sessions/").content.decode()
    assert "Firefox" in page
    assert "&lt;b&gt;Netscape&lt;/b&gt;" in page
    here.post("/accounts/sessions/")
    assert there.get("/settings/").status_code == 302
    assert here.get("/settings/").status_code == 200


def test_nobody_sees_or_ends_the_sessions_of_somebody_else(
    merchant: User, other_merchant: User
) -> None:
    mine, theirs = logged_in(merchant, "Firefox"), logged_in(other_merchant, "Netscape")
    assert "Netscape" not in mine.get("/accounts/sessions/").content.decode()
    mine.post("/accounts/sessions/")
    assert theirs.get("/settings/").status_code == 200


def test_expired_sessions_are_deleted_with_what_was_noted_of_them(merchant: User) -> None:
    logged_in(merchant, "Firefox")
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    kept = logged_in(merchant, "Netscape")
    clear_sessions()
    assert [each.session_key for each in Session.objects.all()] == [kept.session.session_key]
    assert [each.user_agent for each in UserSession.objects.all()] == ["Netscape"]
