"""Headers that every answer carries."""

import pytest
from django.http import HttpResponse
from django.test import Client

from config.headers import HeadersMiddleware
from tests.addresses import every_address
from tests.factories import make_member

pytestmark = pytest.mark.django_db

EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def assert_guarded(response) -> None:
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "camera=()" in response["Permissions-Policy"]
    assert {name: response.get(name) for name in EXPECTED} == EXPECTED
    assert response["X-Request-ID"]


def test_every_answer_is_guarded(client):
    for address in every_address():
        assert_guarded(client.get(address))


def test_every_answer_of_the_admin_is_guarded(client):
    client.force_login(make_member(is_staff=True, is_superuser=True))

    for address in every_address():
        if address.startswith("/admin/"):
            assert_guarded(client.get(address))


@pytest.mark.parametrize("address", ["/no/such/page/", "/static/none.css", "/%00/"])
def test_refusals_are_guarded(client, address):
    assert_guarded(client.get(address))


def test_static_file_is_guarded(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "site.css").write_text("body { margin: 0 }")

    response = Client().get("/static/site.css")

    assert response.status_code == 200
    assert_guarded(response)
    assert "Access-Control-Allow-Origin" not in response


def test_fault_of_ours_is_guarded(client, monkeypatch):
    monkeypatch.setattr("config.health.HttpResponse", None)
    client.raise_request_exception = False

    response = client.get("/healthz")

    assert response.status_code == 500
    assert_guarded(response)


def test_redirect_to_https_and_the_wrong_host_are_guarded(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    redirect = client.get("/")
    wrong = client.get("/", headers={"host": "elsewhere.example"})

    assert redirect["Location"] == "https://testserver/"
    assert_guarded(redirect)
    assert wrong.status_code == 400
    assert_guarded(wrong)


def test_head_gets_the_headers_of_the_page_and_no_body(rf):
    page = HttpResponse(b"a page", headers={"Content-Length": "6"})

    response = HeadersMiddleware(lambda request: page)(rf.head("/"))

    assert response.content == b""
    assert response["Content-Length"] == "6"
