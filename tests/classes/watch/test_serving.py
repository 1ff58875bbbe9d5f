import http.client
import os
import sys
from pathlib import Path

import pytest
from django.http import Http404
from django.utils.http import http_date

from classes.watch.serving import ranged_response
from tests.servers import free_port, running

# Not that files need one: whoever closes a response has Django look after its connections.
pytestmark = pytest.mark.django_db

BODY = os.urandom(300_000)
LAST = len(BODY) - 1


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(BODY)
    return path


@pytest.fixture
def ask(rf, file):
    """Ask for the file; keywords are request headers."""

    def ask(method: str = "GET", **headers: str):
        names = {name.replace("_", "-").title(): value for name, value in headers.items()}
        request = rf.generic(method, "/film.mp4", headers=names)
        return ranged_response(request, file, "video/mp4", cache_control="private, max-age=60")

    return ask


def body(response) -> bytes:
    try:
        return b"".join(response)
    finally:
        response.close()


def test_without_a_range_the_file_comes_whole(ask):
    response = ask()

    assert response.status_code == 200
    assert body(response) == BODY
    assert response["Content-Length"] == str(len(BODY))
    assert response["Content-Type"] == "video/mp4"
    assert response["Accept-Ranges"] == "bytes"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, max-age=60"
    assert "Content-Range" not in response
    assert "Content-Disposition" not in response


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=0-0", 0, 0),
        ("bytes=200000-", 200_000, LAST),
        ("bytes=-100", LAST - 99, LAST),
        ("bytes=-99999999", 0, LAST),
        (f"bytes={LAST}-", LAST, LAST),
        (f"bytes=10-{10**29}", 10, LAST),
        (" Bytes= 5-6 ", 5, 6),
    ],
)
def test_a_range_is_answered_with_its_bytes(ask, asked, first, last):
    response = ask(range=asked)

    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/{len(BODY)}"
    assert response["Content-Length"] == str(last - first + 1)
    assert body(response) == BODY[first : last + 1]


@pytest.mark.parametrize("asked", [f"bytes={len(BODY)}-", f"bytes={10**25}-{10**26}", "bytes=-0"])
def test_a_range_outside_the_file_is_refused_with_its_size(ask, asked):
    response = ask(range=asked)

    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{len(BODY)}"
    assert body(response) == b""


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=0-1,5-6",
        "bytes=5-2",
        "bytes=-",
        "bytes=a-b",
        "bytes=١-٢",
        "bytes=" + "9" * 5000 + "-",
        "seconds=0-9",
        "",
    ],
)
def test_what_is_no_single_range_is_answered_whole(ask, asked):
    response = ask(range=asked)

    assert response.status_code == 200
    assert body(response) == BODY


def test_an_empty_file_has_no_ranges(rf, tmp_path):
    empty = tmp_path / "empty"
    empty.touch()

    whole = ranged_response(rf.get("/"), empty, "video/mp4")
    part = ranged_response(rf.get("/", headers={"Range": "bytes=0-"}), empty, "video/mp4")

    assert (whole.status_code, whole["Content-Length"], body(whole)) == (200, "0", b"")
    assert (part.status_code, part["Content-Range"]) == (416, "bytes */0")


def test_the_descriptor_stands_where_sendfile_begins(ask):
    response = ask(range="bytes=131000-131999")

    assert os.lseek(response.file_to_stream.fileno(), 0, os.SEEK_CUR) == 131_000
    assert body(response) == BODY[131_000:132_000]


def test_if_range_by_etag(ask):
    etag = ask()["ETag"]
    assert etag.startswith('"')

    assert ask(range="bytes=0-9", if_range=etag).status_code == 206
    assert ask(range="bytes=0-9", if_range='"another"').status_code == 200
    assert ask(range="bytes=0-9", if_range=f"W/{etag}").status_code == 200
    assert ask(range=f"bytes={len(BODY)}-", if_range='"another"').status_code == 200


def test_if_range_by_date(ask, file):
    changed = file.stat().st_mtime
    assert ask()["Last-Modified"] == http_date(changed)

    assert ask(range="bytes=0-9", if_range=http_date(changed)).status_code == 206
    assert ask(range="bytes=0-9", if_range=http_date(changed - 60)).status_code == 200
    assert ask(range="bytes=0-9", if_range=http_date(changed + 60)).status_code == 200
    assert ask(range="bytes=0-9", if_range="the other day").status_code == 200


def test_a_file_that_the_client_has_is_not_sent_again(ask):
    etag = ask()["ETag"]

    response = ask(if_none_match=etag, range="bytes=0-9")

    assert response.status_code == 304
    assert response["ETag"] == etag
    assert response["Cache-Control"] == "private, max-age=60"
    assert body(response) == b""
    assert ask(if_none_match='"another"').status_code == 200
    assert ask(if_match='"another"').status_code == 412


def test_a_replaced_file_has_another_etag(ask, file):
    before = ask()["ETag"]
    os.utime(file, ns=(1, 1))

    assert ask()["ETag"] != before


def test_head_tells_the_size_and_sends_nothing(ask):
    response = ask("HEAD", range="bytes=0-9")

    assert response.status_code == 200  # ranges belong to GET alone
    assert response["Content-Length"] == str(len(BODY))
    assert response["Accept-Ranges"] == "bytes"
    assert body(response) == b""


def test_a_missing_file_is_404(rf, tmp_path):
    for path in (tmp_path / "missing.mp4", tmp_path):
        with pytest.raises(Http404):
            ranged_response(rf.get("/"), path, "video/mp4")


def test_every_answer_closes_the_file(ask, file):
    def is_open() -> bool:
        return any(Path(link).resolve() == file for link in Path("/proc/self/fd").iterdir())

    response = ask()
    assert is_open()
    body(response)
    assert not is_open()

    for response in (
        ask(range="bytes=0-9"),
        ask(range="bytes=-0"),
        ask("HEAD"),
        ask(if_none_match="*"),
    ):
        body(response)
        assert not is_open()


# What gunicorn makes of it -----------------------------------------------------------------------

APPLICATION = """
import sys
from pathlib import Path

from django.conf import settings

settings.configure(SECRET_KEY="x", ALLOWED_HOSTS=["*"], ROOT_URLCONF="application", MIDDLEWARE=[])

from django.core.wsgi import get_wsgi_application
from django.urls import path

from classes.watch.serving import ranged_response

FILM = Path(__file__).with_name("film.mp4")
urlpatterns = [path("film.mp4", lambda request: ranged_response(request, FILM, "video/mp4"))]
application = get_wsgi_application()
"""


@pytest.fixture
def gunicorn(file, tmp_path):
    """A port on which gunicorn serves the file, as the site is served."""
    (tmp_path / "application.py").write_text(APPLICATION)
    port = free_port()
    root = Path(__file__).parents[3]
    command = [
        *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"),
        *("--worker-class", "gthread", "--threads", "2", "--no-control-socket"),
        *("--pythonpath", f"{tmp_path},{root}", "application"),
    ]
    environment = {"PATH": os.environ["PATH"]}
    with running(command, port, folder=tmp_path, environment=environment):
        yield port


def test_gunicorn_sends_exactly_the_range(gunicorn):
    connection = http.client.HTTPConnection("127.0.0.1", gunicorn, timeout=20)

    # One connection for all: a byte too many of one answer would spoil the next.
    for asked, status, expected in [
        (None, 200, BODY),
        ("bytes=0-99", 206, BODY[:100]),
        ("bytes=131000-262143", 206, BODY[131_000:262_144]),
        ("bytes=-1000", 206, BODY[-1000:]),
        ("bytes=299000-", 206, BODY[299_000:]),
        ("bytes=300000-", 416, b""),
        ("bytes=0-1,5-6", 200, BODY),
    ]:
        connection.request("GET", "/film.mp4", headers={"Range": asked} if asked else {})
        response = connection.getresponse()
        assert response.status == status
        assert response.read() == expected

    connection.request("HEAD", "/film.mp4")
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b"")
    assert response.headers["Content-Length"] == str(len(BODY))
    connection.close()
