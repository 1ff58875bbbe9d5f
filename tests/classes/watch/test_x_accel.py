"""Films behind nginx, with the configuration that is deployed.

The site and nginx run as they would on a server. There is no database: films need none.
"""

import http.client
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from classes.video import layout
from classes.watch.passes import EVERYONE, Pass, new_pass
from tests.servers import NGINX, as_deployed, free_port, running_nginx, running_site

SECRET_KEY = "a key that these two servers and the tests share"
FILM = os.urandom(200_000)
PLAYLIST = b"#EXTM3U\n" + b"#EXTINF:4,\n480p.mp4\n" * 200

pytestmark = pytest.mark.skipif(
    NGINX is None and not os.environ.get("CI"), reason="nginx is not installed"
)


@dataclass(frozen=True)
class Site:
    port: int
    video_id: UUID

    def get(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, headers=headers)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def film(self, name: str = "480p.mp4", film_pass: Pass | None = None) -> str:
        token = (film_pass or new_pass(EVERYONE)).token(self.video_id)
        return f"/v/{token}/{self.video_id}/{name}"


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Site]:
    var = tmp_path_factory.mktemp("x-accel")
    video_id, port = uuid4(), free_port()
    for name, content in {"480p.mp4": FILM, "480p.m3u8": PLAYLIST, "preview.mp4": FILM}.items():
        path = var / "films" / layout.key(video_id, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    environment = {"SECRET_KEY": SECRET_KEY, "VIDEO_SERVE": "xaccel", "WEB_WORKERS": "1"}
    with (
        running_site(var, **environment) as site_port,
        running_nginx(var, as_deployed(var, site_port, port), port),
    ):
        yield Site(port, video_id)


@pytest.fixture(autouse=True)
def same_key(settings) -> None:
    settings.SECRET_KEY = SECRET_KEY


def test_nginx_sends_the_film_with_the_headers_of_the_site(site):
    response, body = site.get(site.film())

    assert (response.status, body) == (200, FILM)
    assert response.getheader("Server", "").startswith("nginx")
    assert response.getheader("Content-Type") == "video/mp4"
    assert response.getheader("Accept-Ranges") == "bytes"
    assert re.fullmatch(
        r"private, max-age=[0-9]+, immutable", response.getheader("Cache-Control", "")
    )
    assert response.getheader("X-Content-Type-Options") == "nosniff"
    assert response.getheader("Cross-Origin-Resource-Policy") == "same-origin"
    assert response.getheader("X-Accel-Redirect") is None


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=150000-", 150_000, 199_999),
        ("bytes=-100", 199_900, 199_999),
        ("bytes=199999-300000", 199_999, 199_999),
    ],
)
def test_nginx_sends_exactly_the_range(site, asked, first, last):
    response, body = site.get(site.film(), Range=asked)

    assert response.status == 206
    assert response.getheader("Content-Range") == f"bytes {first}-{last}/200000"
    assert body == FILM[first : last + 1]


def test_range_outside_of_the_film_is_refused_with_its_size(site):
    response, _ = site.get(site.film(), Range="bytes=200000-")

    assert response.status == 416
    assert response.getheader("Content-Range") == "bytes */200000"


def test_range_of_a_film_that_the_browser_knows(site):
    etag = site.get(site.film(), "HEAD")[0].getheader("ETag")

    same, _ = site.get(site.film(), Range="bytes=0-9", **{"If-Range": etag})
    other, body = site.get(site.film(), Range="bytes=0-9", **{"If-Range": '"another"'})
    kept, nothing = site.get(site.film(), **{"If-None-Match": etag})

    assert (same.status, other.status, kept.status) == (206, 200, 304)
    assert (body, nothing) == (FILM, b"")


def test_head_tells_the_size_and_sends_nothing(site):
    response, body = site.get(site.film(), "HEAD")

    assert (response.status, body) == (200, b"")
    assert response.getheader("Content-Length") == "200000"


def test_playlist_comes_from_the_site_and_is_compressed(site):
    response, body = site.get(site.film("480p.m3u8"), **{"Accept-Encoding": "gzip"})

    assert response.status == 200
    assert response.getheader("Content-Type") == "application/vnd.apple.mpegurl"
    assert response.getheader("Content-Encoding") == "gzip"
    assert len(body) < len(PLAYLIST) / 10


def test_film_is_refused_without_the_cookie_of_its_member(site):
    ana, ben = new_pass(7), new_pass(8)
    address = site.film(film_pass=ana)

    with_cookie, body = site.get(address, Cookie=f"film={ana.cookie()}")
    without, words = site.get(address)
    of_another, _ = site.get(address, Cookie=f"film={ben.cookie()}")

    assert (with_cookie.status, body) == (200, FILM)
    assert (without.status, of_another.status) == (403, 403)
    assert b"belongs to somebody else" in words


def test_film_that_is_missing_is_404(site):
    assert site.get(site.film("720p.mp4"))[0].status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/-/films/{video_id}/ladder/480p.mp4",
        "/-/films/../films/{video_id}/ladder/480p.mp4",
        "//-/films/{video_id}/ladder/480p.mp4",
        "/v/../-/films/{video_id}/ladder/480p.mp4",
        "/%2d/films/{video_id}/ladder/480p.mp4",
    ],
)
def test_films_have_no_address_of_their_own(site, path):
    response, body = site.get(path.format(video_id=site.video_id))

    assert response.status in (400, 404)
    assert FILM[:20] not in body
