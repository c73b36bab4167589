"""One address is one account, however it is spelt and whoever asks for it at once."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.test import Client
from django.urls import reverse

from accounts.models import User, normal_address
from tests.integrations.threads import at_once
from tests.pages import logged_in

SPELLINGS = [
    "mia@müller.example",
    "Mia@MÜLLER.example",
    "mia@mu\u0308ller.example",
    "MIA@xn--mller-kva.example",
    "mia@\uff4düller.example",
    "mia@XN--MLLER-KVA.EXAMPLE",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_all_spellings_of_an_address_are_kept_in_one_form(spelling: str) -> None:
    assert normal_address(spelling) == "mia@xn--mller-kva.example"


@pytest.mark.parametrize("nonsense", ["", "@", "mia", "mia@", "@x", "mia@..", "a@" + "x" * 300])
def test_what_is_no_address_is_left_to_the_validators(nonsense: str) -> None:
    assert isinstance(normal_address(nonsense), str)


@pytest.mark.django_db
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_whoever_spells_it_otherwise_logs_in_all_the_same(spelling: str, client: Client) -> None:
    User.objects.create_user(SPELLINGS[0], "a long pass phrase")
    form = {"login": spelling, "password": "a long pass phrase"}
    assert client.post("/accounts/login/", form).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "refused"),
    [
        (f"{'a' * 60}@{'b.' * 93}example", ""),  # 254 characters
        (f"{'a' * 60}@{'b.' * 94}example", "at most 254 characters"),
        ("adm\u0131n@acme.example", "plain letters only"),
    ],
)
def test_an_address_is_kept_whole_or_refused_with_a_reason(
    client: Client, address: str, refused: str
) -> None:
    form = {"email": address, "password1": "a long pass phrase"}
    page = client.post("/accounts/signup/", form, follow=True).content.decode()
    assert refused in page
    assert [user.email for user in User.objects.all()] == ([] if refused else [address])


@pytest.mark.django_db(transaction=True)
def test_of_six_who_sign_up_with_one_address_at_once_one_gets_it() -> None:
    answers = at_once(
        6,
        lambda number: Client().post(
            "/accounts/signup/", {"email": SPELLINGS[number], "password1": "a long pass phrase"}
        ),
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [302]
    for answer in answers:
        taken = "already registered with this e-mail address" in answer.content.decode()
        assert taken is (answer.status_code == 200)
    assert User.objects.count() == EmailAddress.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_six_who_add_one_user_in_the_admin_at_once_five_are_told(operator: User) -> None:
    def add(number: int) -> Any:
        form = {"email": SPELLINGS[number], "usable_password": "false"}
        return logged_in(operator).post(reverse("admin:accounts_user_add"), form)

    answers = at_once(6, add)
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [302]
    assert all(b"already exists" in each.content for each in answers if each.status_code == 200)
    assert User.objects.exclude(pk=operator.pk).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_six_who_prove_the_same_address_at_once_one_gets_it() -> None:
    wishes = []
    for number in range(6):
        user = User.objects.create_user(f"merchant{number}@acme.example", "a long pass phrase")
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        wishes.append(EmailAddress.objects.create(user=user, email="mia@acme.example"))

    keys = [EmailConfirmationHMAC(wish).key for wish in wishes]
    answers = at_once(6, lambda number: Client().post(f"/accounts/confirm-email/{keys[number]}/"))
    assert all(answer.status_code < 500 for answer in answers)
    assert User.objects.filter(email="mia@acme.example").count() == 1
    assert EmailAddress.objects.filter(email="mia@acme.example", verified=True).count() == 1
    assert sum(user.email.startswith("merchant") for user in User.objects.all()) == 5
