"""Users in the admin: added by e-mail address, and the way to all that is known of them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User


def test_a_user_is_added_by_e_mail_address(operator_client: Client) -> None:
    response = operator_client.post(
        reverse("admin:accounts_user_add"),
        {
            "email": "new@acme.example",
            "name": "Nina",
            "usable_password": "true",
            "password1": "a long pass phrase",
            "password2": "a long pass phrase",
        },
    )
    assert response.status_code == 302
    assert User.objects.get(email="new@acme.example").check_password("a long pass phrase")


@pytest.mark.parametrize("term", ["merchant@acme", "Mia"])
def test_a_user_is_found_by_address_and_by_name(
    term: str, merchant: User, operator_client: Client
) -> None:
    page = operator_client.get(reverse("admin:accounts_user_changelist"), {"q": term})
    assert merchant.email in page.content.decode()


def test_a_user_leads_to_alloy_user_orders_messages_and_deliveries(
    merchant: User, operator_client: Client
) -> None:
    page = operator_client.get(reverse("admin:accounts_user_change", args=[merchant.pk]))
    for name, owner in (
        ("integrations_alloyuser", "tenant"),
        ("orders_order", "merchant"),
        ("integrations_message", "tenant"),
        ("integrations_delivery", "tenant"),
    ):
        address = f"{reverse(f'admin:{name}_changelist')}?{owner}={merchant.pk}"
        assert f'href="{address}"' in page.content.decode()
        assert operator_client.get(address).status_code == 200


def test_operators_log_in_where_everybody_does(client: Client) -> None:
    response = client.get(reverse("admin:index"), follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("account_login"))
