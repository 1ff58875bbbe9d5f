"""Requests that nobody means: refused in a page of ours or ignored, and never a fault."""

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import Client

from config.requests import WellFormedMiddleware
from tests.addresses import every_address
from tests.factories import make_class, make_member

pytestmark = pytest.mark.django_db

ADDRESSES = [address for address in every_address() if not address.startswith("/admin/")]

QUERIES = [
    "q=%00",
    "%00=%00",
    "q=%FF%FE",
    "page=99999999999999999999",
    "page=" + "9" * 5000,
    "page=-1",
    "comments=99999999999999999999",
    "comments=%D9%A3",  # a digit, in Arabic
    "sort=%00&level=%00&focus=%00&instructor=%00&length=%00&language=%00&show=%00",
    "next=%00",
    "next=//elsewhere.example",
    "lang=%00",
    "lang=" + "x" * 3000,
    "q=" + "%F0%9F%A7%98" * 500,
    "=&&==;&",
]

HEADERS = [
    {"accept-language": "Καλημέρα"},
    {"accept-language": "en" + "-x" * 4000},
    {"accept-language": "en;q=\0"},
    {"x-request-id": "Καλημέρα"},
    {"cookie": "session=Καλημέρα; language=\xff; csrf==;;"},
    {"cookie": r'session="somebody\000s"; language="\000"; csrf="\000"'},
    {"hx-request": "true", "hx-current-url": "http://Καλημέρα/\0"},
    {"hx-request": "true", "hx-target": "Καλημέρα"},
    {"range": "bytes=99999999999999999999-"},
    {"if-modified-since": "Καλημέρα"},
    {"if-none-match": '"' + "x" * 5000},
    {"user-agent": "Καλημέρα"},
    {"referer": "Καλημέρα"},
    {"x-forwarded-for": "Καλημέρα, \0"},
]

FORM = "application/x-www-form-urlencoded"
BODIES = [
    (b"body=%00&email=%00&password=%00&display_name=%00&code=%00&login=%00&parent=%00", FORM),
    (b"body=%FF&email=%FF&login=%FF", FORM),
    (b"+AGI-ody=+AHg-", f"{FORM}; charset=utf-7"),
    (b"body=x", f"{FORM}; charset=base64"),
    (b"body=x", f"{FORM}; charset=Kalimera"),
    (b"body=x", "multipart/form-data"),
    (b"body=x", "multipart/form-data; boundary=\xff"),
    (b"--b\r\nContent-Disposition: form-data; name=x\r\n", "multipart/form-data; boundary=b"),
    (b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\ny\r\n--b--", "multipart/form-data; "
     "boundary=b; charset=rot13"),
    (b"&".join(b"f%d=x" % number for number in range(3000)), FORM),
    (b"body=" + b"x" * 3_000_000, FORM),
    (b"parent=99999999999999999999&submission=x&body=x", FORM),
    (b'{"body": "x"}', "application/json"),
]  # fmt: skip


@pytest.fixture
def anyone() -> Client:
    return Client(raise_request_exception=False)


def assert_no_fault(response) -> None:
    assert response.status_code < 500, response.content[-2000:]
    if response.status_code >= 400 and response["Content-Type"].startswith("text/html"):
        assert b"site-header" in response.content


@pytest.mark.parametrize("address", ADDRESSES)
def test_odd_query_is_no_fault(anyone, address):
    for query in QUERIES:
        assert_no_fault(anyone.get(f"{address}?{query}"))


@pytest.mark.parametrize("address", ADDRESSES)
def test_odd_header_is_no_fault(anyone, address):
    for headers in HEADERS:
        as_sent = {k: v.encode().decode("latin-1") for k, v in headers.items()}
        assert_no_fault(anyone.get(address, headers=as_sent))


@pytest.mark.parametrize("address", ADDRESSES)
def test_odd_body_is_no_fault(anyone, address):
    for body, content_type in BODIES:
        assert_no_fault(anyone.generic("POST", address, body, content_type))


@pytest.mark.parametrize("address", ADDRESSES)
def test_odd_body_of_a_member_is_no_fault(anyone, address):
    anyone.force_login(make_member())
    make_class(slug="something")

    for body, content_type in BODIES:
        assert_no_fault(anyone.generic("POST", address, body, content_type))


@pytest.mark.parametrize(
    "address",
    [
        "/classes/%00/",
        "/classes/%FF%FE/",
        "/classes/" + "x" * 3000 + "/",
        "/classes/something/%00/en/",
        "/classes/something/workout-tempo/%00/",
        "/focus/%00/",
        "/instructors/%FF/",
        "/comments/99999999999999999999/",
        "/comments/" + "9" * 5000 + "/",
        "/comments/0/",
        "/media/%00.jpg",
        "/media/../../etc/passwd",
        "/media/%2e%2e/%2e%2e/db.sqlite3",
        "/media//etc/passwd",
        "/v/something/film.mp4",
        "/admin/classes/workoutclass/99999999999999999999/change/",
        "/admin/%00/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_odd_path_is_no_fault(anyone, address, method):
    response = anyone.generic(method, address)

    assert 300 <= response.status_code < 500


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"x=y", f"{FORM}; charset=utf-7", 400),
        (b"x=y", f"{FORM}; charset=base64", 400),
        (b"&".join(b"f%d=x" % number for number in range(3000)), FORM, 413),
        (b"body=" + b"x" * 3_000_000, FORM, 413),
    ],
)
def test_body_that_cannot_be_meant_is_refused_in_a_page_of_ours(anyone, body, content_type, status):
    response = anyone.generic("POST", "/accounts/login/", body, content_type)

    assert response.status_code == status
    assert b"site-header" in response.content


def test_nul_in_a_query_is_read_as_what_cannot_be_read(rf):
    seen: list[WSGIRequest] = []
    middleware = WellFormedMiddleware(seen.append)

    middleware(rf.get("/?q=a%00b"))

    assert seen[0].GET["q"] == "a\ufffdb"


def test_cookie_with_a_nul_is_dropped(rf):
    seen: list[WSGIRequest] = []
    middleware = WellFormedMiddleware(seen.append)

    middleware(rf.get("/", headers={"cookie": r'session="somebody\000s"; language=es'}))

    assert seen[0].COOKIES == {"language": "es"}
