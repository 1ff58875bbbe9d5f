"""The reader's language: link, cookie, browser, studio."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.languages import LanguageMiddleware, choose_language

page = LanguageMiddleware(lambda request: HttpResponse(request.LANGUAGE_CODE))


def ask(path: str, **extra):
    return page(RequestFactory().get(path, **extra))


@pytest.mark.parametrize(
    ("asked", "led_to"),
    [
        ("/classes/?lang=es", "/classes/"),
        ("/classes/?focus=spine-safe&lang=es&level=open", "/classes/?focus=spine-safe&level=open"),
        ("/classes/?lang=en&lang=es", "/classes/"),
        ("/classes/?l%61ng=es&q=a", "/classes/?q=a"),
        # as they were sent: encodings, empty parts, order, repeats
        (
            "/classes/?q=a%20b+c&lang=es&&focus=%C3%A9&focus=%e9&x",
            "/classes/?q=a%20b+c&&focus=%C3%A9&focus=%e9&x",
        ),
        ('/classes/?q="a|b"{c}&lang=es', '/classes/?q="a|b"{c}'),
        ("/classes/?language=es&lang=es", "/classes/?language=es"),
    ],
)
def test_a_language_link_leads_to_the_address_without_it(asked, led_to):
    query = asked.partition("?")[2]

    response = ask("/classes/", QUERY_STRING=query)

    assert response.status_code == 302
    assert response["Location"] == led_to
    assert response.cookies["language"].value == "es"


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=40))
@example("\r\nSet-Cookie: a=b")
def test_a_language_link_keeps_any_bytes_in_the_address(noise):
    noise = noise.replace("&", "").replace("\n", "").replace("\r", "")

    response = ask("/", QUERY_STRING=f"q={noise}&lang=es")

    kept = "".join(char if char.isascii() else f"%{ord(char):02X}" for char in noise)
    assert response["Location"] == f"/?q={kept}"


@pytest.mark.parametrize("path", ["//evil.example/", "///evil.example", "/\\evil.example/"])
def test_a_language_link_never_leaves_the_site(path):
    request = RequestFactory().get("/")
    request.path = path
    request.META["QUERY_STRING"] = "lang=es"

    location = page(request)["Location"]

    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


@pytest.mark.parametrize("value", ["xx", "", "es;", "../es", "e" * 600])
def test_a_language_that_is_not_ours_is_ignored(value):
    response = ask("/", QUERY_STRING=f"lang={value}")

    assert response.status_code == 200
    assert not response.cookies


def test_a_form_that_is_sent_is_not_led_elsewhere():
    response = page(RequestFactory().post("/?lang=es"))

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("cookie", "accepted", "studio", "language"),
    [
        ("es", "en", "en", "es"),
        ("", "es-MX,en;q=0.5", "en", "es"),
        ("klingon", "es", "en", "es"),
        ("", "fi,sv;q=0.8", "es", "es"),
        ("", "", "es", "es"),
        ("", "*", "es", "es"),
        ("", "", "tlh", "en"),
    ],
)
def test_cookie_then_browser_then_studio(settings, cookie, accepted, studio, language):
    settings.STUDIO_LANGUAGE = studio
    request = RequestFactory().get("/", HTTP_ACCEPT_LANGUAGE=accepted)
    if cookie:
        request.COOKIES["language"] = cookie

    assert choose_language(request) == language


def test_a_page_names_its_language_and_what_it_hangs_on():
    response = ask("/", HTTP_ACCEPT_LANGUAGE="es")

    assert response.content == b"es"
    assert response["Content-Language"] == "es"
    assert response["Vary"] == "Accept-Language, Cookie"


@pytest.mark.django_db
def test_a_language_link_works_on_a_page_and_the_next_one_is_in_it(client):
    response = client.get("/accounts/login/?lang=es&next=%2Fclasses%2F")
    assert response["Location"] == "/accounts/login/?next=%2Fclasses%2F"

    assert 'lang="es"' in client.get(response["Location"]).content.decode()
