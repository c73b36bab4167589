from __future__ import annotations

from django.test import Client


def test_the_script_is_served_where_alloys_cdn_has_it(db: None) -> None:
    response = Client().get("/scripts/embedded.js")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert b"window.Alloy" in response.content
