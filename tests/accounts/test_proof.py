"""In production an address that nobody proved is nobody's: it lets nobody in."""

from __future__ import annotations

import re
from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from acmeco.tasks import forget_unproved

pytestmark = pytest.mark.django_db

CEO = "ceo@victim.example"
PASSWORD = "a long pass phrase"


@pytest.fixture(autouse=True)
def _as_in_production(settings: Settings) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


@pytest.fixture
def proved_client(merchant: User, merchant_client: Client) -> Client:
    """The merchant, whose address is proved, and who typed the password a moment ago."""
    EmailAddress.objects.create(user=merchant, email=merchant.email, primary=True, verified=True)
    merchant_client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return merchant_client


def sign_up(client: Client, email: str = CEO) -> str:
    """Sign up; return the link in the letter."""
    answer = client.post("/accounts/signup/", {"email": email, "password1": PASSWORD})
    assert answer["Location"] == reverse("account_email_verification_sent")
    return link_in_last_letter()


def link_in_last_letter() -> str:
    found = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return found[1]


def log_in(client: Client, email: str = CEO, password: str = PASSWORD) -> bool:
    client.post("/accounts/login/", {"login": email, "password": password})
    return "_auth_user_id" in client.session


def choose_another_password(client: Client) -> None:
    """Follow the link in the letter."""
    form = client.get(link_in_last_letter(), follow=True)
    new = dict.fromkeys(("password1", "password2"), "another pass phrase")
    client.post(form.redirect_chain[-1][0], new)


def test_who_signs_up_gets_in_once_the_address_is_proved(client: Client) -> None:
    link = sign_up(client)
    assert not log_in(client)
    assert "my address" in client.get(link).content.decode()
    assert not EmailAddress.objects.get(email=CEO).verified  # mail scanners open links, too
    assert client.post(link).status_code == 302
    assert EmailAddress.objects.get(email=CEO).verified
    assert log_in(Client())


def test_only_the_browser_that_signed_up_is_logged_in_by_the_link(client: Client) -> None:
    link = sign_up(client)
    theirs = Client()
    theirs.post(link)
    assert "_auth_user_id" not in theirs.session


def test_an_address_that_was_only_claimed_gets_no_link_to_a_new_password(client: Client) -> None:
    sign_up(client)
    client.post("/accounts/password/reset/", {"email": CEO})
    assert "password/reset/key" not in str(mail.outbox[-1].body)
    assert "no account here for which this address was confirmed" in str(mail.outbox[-1].body)


def test_a_proved_address_gets_the_link_and_the_new_password_counts(
    proved_client: Client, merchant: User
) -> None:
    stranger = Client()
    answer = stranger.post("/accounts/password/reset/", {"email": "Merchant@ACME.example"})
    assert answer.status_code == 302
    choose_another_password(stranger)
    assert log_in(Client(), merchant.email, "another pass phrase")
    assert proved_client.get("/settings/").status_code == 302  # logged out everywhere


def test_for_whom_an_operator_made_an_account_proves_the_address_by_choosing_a_password(
    client: Client,
) -> None:
    User.objects.create_user(CEO)
    client.post("/accounts/password/reset/", {"email": CEO})
    choose_another_password(client)
    assert log_in(Client(), CEO, "another pass phrase")


def test_an_address_becomes_the_accounts_by_proof_and_in_no_other_way(
    proved_client: Client, merchant: User
) -> None:
    proved_client.post("/accounts/email/", {"email": CEO, "action_add": ""})
    link = link_in_last_letter()
    proved_client.post("/accounts/email/", {"email": CEO, "action_primary": ""})
    merchant.refresh_from_db()
    assert merchant.email == "merchant@acme.example"
    proved_client.post(link)
    merchant.refresh_from_db()
    assert merchant.email == CEO
    assert list(EmailAddress.objects.values_list("email", "primary", "verified")) == [
        (CEO, True, True)
    ]
    assert mail.outbox[-1].to == ["merchant@acme.example"]  # the old one hears of it


def test_nothing_is_proved_even_of_who_came_in_without_proof(
    merchant: User, merchant_client: Client
) -> None:
    merchant_client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for action in ("action_add", "action_primary"):
        merchant_client.post("/accounts/email/", {"email": CEO, action: ""})
    merchant.refresh_from_db()
    assert merchant.email == "merchant@acme.example"


def test_a_changed_address_needs_the_password_again(
    merchant: User, merchant_client: Client
) -> None:
    asked = merchant_client.post("/accounts/email/", {"email": CEO, "action_add": ""})
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert not mail.outbox
    assert not EmailAddress.objects.filter(email=CEO).exists()


def test_a_wish_to_change_to_an_address_keeps_its_owner_from_nothing(
    proved_client: Client, client: Client
) -> None:
    proved_client.post("/accounts/email/", {"email": CEO, "action_add": ""})
    wished = link_in_last_letter()
    sign_up(client)
    client.post(link_in_last_letter())
    assert EmailAddress.objects.get(email=CEO, verified=True).user.email == CEO
    page = proved_client.post(wished, follow=True)
    assert "belongs to another account" in page.content.decode()


@pytest.mark.parametrize("make", ["create_user", "create_superuser"])
def test_who_was_made_by_an_operator_proves_the_address_at_the_first_login(
    client: Client, make: str
) -> None:
    getattr(User.objects, make)(CEO, PASSWORD)
    assert not log_in(client)
    client.post(link_in_last_letter())
    assert log_in(Client())


def test_an_address_that_an_operator_changed_has_to_be_proved_and_the_old_one_is_nobodys(
    proved_client: Client, merchant: User, operator_client: Client
) -> None:
    url = reverse("admin:accounts_user_change", args=[merchant.pk])
    form = {"email": CEO, "name": "Mia", "is_active": "on"}
    assert operator_client.post(url, form).status_code == 302
    assert not log_in(Client(), "merchant@acme.example")
    assert not log_in(Client(), CEO)
    assert mail.outbox[-1].to == [CEO]


def test_operators_see_whether_an_address_is_proved(
    proved_client: Client, other_merchant: User, operator_client: Client
) -> None:
    rows = operator_client.get(reverse("admin:accounts_user_changelist")).content.decode()
    proofs = re.findall(r'field-is_proved">.*?alt="(\w+)"', rows)
    assert sorted(proofs) == ["False", "False", "True"]
    page = operator_client.get(reverse("admin:accounts_user_change", args=[other_merchant.pk]))
    assert "not asked for yet" in page.content.decode()


def test_an_account_that_nobody_proved_is_deleted_after_a_day_and_the_address_is_free(
    client: Client, merchant: User
) -> None:
    sign_up(client)
    forget_unproved()
    assert User.objects.filter(email=CEO).exists()
    User.objects.update(date_joined=timezone.now() - timedelta(days=1, minutes=1))
    forget_unproved()
    assert [user.email for user in User.objects.all()] == [merchant.email]  # made by an operator
    sign_up(Client())


def test_a_mail_server_that_is_away_is_said_and_is_no_error(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise SMTPServerDisconnected

    monkeypatch.setattr(mail.EmailMessage, "send", away)
    form = {"email": CEO, "password1": PASSWORD}
    page = client.post("/accounts/signup/", form, follow=True)
    assert "Our mail server does not answer" in page.content.decode()


def test_letters_tell_nobody_whom_we_call_by_another_name(client: Client) -> None:
    sign_up(client)
    letter = mail.outbox[-1]
    assert (letter.to, letter.subject) == ([CEO], "AcmeCo: confirm your e-mail address")
    assert "If it was not you, do nothing" in str(letter.body)
    assert not letter.attachments


def test_where_being_a_customer_is_a_secret_only_the_letter_says_that_there_is_an_account(
    proved_client: Client, merchant: User, settings: Settings
) -> None:
    settings.ACCOUNT_PREVENT_ENUMERATION = True
    form = {"email": merchant.email, "password1": PASSWORD}
    answer = Client().post("/accounts/signup/", form)
    assert answer["Location"] == reverse("account_email_verification_sent")
    assert "an account with this address already" in str(mail.outbox[-1].body)
