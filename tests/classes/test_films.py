"""The files of films and of what goes with them: who is given them, and how they arrive."""

import gzip
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from classes.models import Captions, State
from classes.watch.passes import EVERYONE, new_pass
from tests.factories import (
    make_class,
    make_instructor,
    make_member,
    make_membership,
    make_variant,
    make_video,
)

from .film_files import FILM, PLAYLIST, PREVIEW, body, film_url, lay_out

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def video():
    return lay_out(make_class().variants.get().video)


def preview_url(video) -> str:
    return reverse("classes:preview", args=[video.pk])


@pytest.fixture
def bearer(client):
    """A member whose browser has the film cookie, and nothing else."""
    member = make_member()
    client.cookies["film"] = new_pass(member.pk).cookie()
    return member


# --- Films --------------------------------------------------------------------------------------


def test_film_plays_for_the_member_of_its_token(client, video, bearer):
    response = client.get(film_url(video, member_id=bearer.pk))

    assert response.status_code == 200
    assert response["Content-Type"] == "video/mp4"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert body(response) == FILM


def test_film_is_kept_by_its_own_browser_for_as_long_as_its_token_holds(
    client, video, bearer, time_machine
):
    time_machine.move_to(datetime(2050, 11, 22, 8, 30, tzinfo=UTC), tick=False)
    client.cookies["film"] = new_pass(bearer.pk).cookie()
    address = film_url(video, member_id=bearer.pk)
    time_machine.shift(timedelta(minutes=1))

    response = client.get(address)

    assert response["Cache-Control"] == f"private, max-age={(9 * 60 + 29) * 60}, immutable"
    assert "Cookie" not in response.get("Vary", "")
    response.close()


@pytest.mark.parametrize("name", ["480p.mp4", "master.m3u8", "storyboard.vtt", "storyboard-1.jpg"])
def test_film_asks_neither_session_nor_database(client, video, django_assert_num_queries, name):
    member = make_member()
    client.force_login(member)
    client.cookies["film"] = new_pass(member.pk).cookie()

    with django_assert_num_queries(0):
        response = client.get(film_url(video, name, member_id=member.pk))

    assert response.status_code == 200
    response.close()


@pytest.mark.parametrize(
    ("name", "content_type", "content"),
    [
        ("master.m3u8", "application/vnd.apple.mpegurl", PLAYLIST),
        ("480p.m3u8", "application/vnd.apple.mpegurl", PLAYLIST),
        ("film.mp4", "video/mp4", FILM),
        ("copy.mp4", "video/mp4", FILM),
        ("storyboard.vtt", "text/vtt; charset=utf-8", b"WEBVTT\n"),
        ("storyboard-1.jpg", "image/jpeg", b"picture"),
    ],
)
def test_everything_that_a_player_asks_for_has_an_address(
    client, video, name, content_type, content
):
    response = client.get(film_url(video, name))

    assert response["Content-Type"] == content_type
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"].startswith("private, max-age=")
    assert body(response) == content


@pytest.mark.parametrize(
    "name",
    ["master", "preview.mp4", "candidate-1.jpg", "480p.ts", "..", "480p.mp4%00", ".480p.mp4", "x"],
)
def test_nothing_else_of_a_film_has_an_address(client, video, name):
    path = settings.FILMS_ROOT / str(video.pk) / "ladder"
    (path / "candidate-1.jpg").write_bytes(b"picture")
    (path / "480p.ts").write_bytes(b"film")
    address = film_url(video, "480p.mp4").removesuffix("480p.mp4") + name

    assert client.get(address).status_code in (400, 404)


def test_film_answers_ranges(client, video):
    response = client.get(film_url(video), headers={"Range": "bytes=100-199"})

    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes 100-199/{len(FILM)}"
    assert body(response) == FILM[100:200]


@pytest.mark.parametrize("name", ["480p.mp4", "storyboard-1.jpg"])
def test_film_is_not_compressed_on_its_way(client, video, name):
    response = client.get(film_url(video, name), headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in response
    assert response["Content-Length"] == str(len(body(response)))


def test_playlist_is_compressed_and_comes_whole(client, video):
    headers = {"Accept-Encoding": "gzip", "Range": "bytes=0-9"}

    response = client.get(film_url(video, "480p.m3u8"), headers=headers)

    assert response.status_code == 200
    assert gzip.decompress(response.content) == PLAYLIST
    assert len(response.content) < len(PLAYLIST) / 20


def test_playlist_that_the_browser_has_is_not_sent_again(client, video):
    etag = client.get(film_url(video, "480p.m3u8"))["ETag"]

    response = client.get(film_url(video, "480p.m3u8"), headers={"If-None-Match": etag})

    assert response.status_code == 304
    assert response["Cache-Control"].startswith("private, max-age=")


def test_film_answers_head(client, video):
    response = client.head(film_url(video))

    assert response.status_code == 200
    assert response["Content-Length"] == str(len(FILM))
    assert response.content == b""


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_film_has_no_other_method(client, video, method):
    assert getattr(client, method)(film_url(video)).status_code == 405


@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-9"}, {"If-None-Match": "*"}])
@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("name", ["480p.mp4", "480p.m3u8", "storyboard.vtt"])
def test_film_is_refused_to_who_was_given_its_address(client, video, method, headers, name):
    address = film_url(video, name, member_id=make_member().pk)

    response = getattr(client, method)(address, headers=headers)

    assert response.status_code == 403
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Cache-Control"] == "private, no-store"
    assert method == "head" or b"belongs to somebody else" in response.content


def test_film_is_refused_with_the_token_of_another_film(client, video):
    other = lay_out(make_class().variants.get().video)
    address = film_url(other).replace(str(other.pk), str(video.pk))

    assert client.get(address).status_code == 403


def test_film_is_refused_once_its_token_has_run_out(client, video, time_machine):
    time_machine.move_to(datetime(2050, 11, 22, 8, 30, tzinfo=UTC))
    address = film_url(video)

    time_machine.move_to(datetime(2050, 11, 22, 18, 0, tzinfo=UTC))

    assert client.get(address).status_code == 403


def test_film_plays_on_the_page_on_which_a_curator_checks_it(client, video):
    client.force_login(make_member(is_staff=True, is_superuser=True))
    check = reverse("admin:classes_check", args=[video.variant.workout_class_id])

    page = client.get(check).content.decode()

    address = re.search(r'src="(/v/[^"]+)"', page)
    assert address
    assert body(client.get(address[1])) == FILM


def test_film_that_is_missing_is_404(client):
    video = make_class().variants.get().video

    for name in ("480p.mp4", "480p.m3u8"):
        assert client.get(film_url(video, name)).status_code == 404


def test_nginx_is_told_where_the_film_lies_if_it_shall_send_it(client, video, bearer, settings):
    settings.VIDEO_SERVE = "xaccel"

    response = client.get(film_url(video, member_id=bearer.pk))
    refused = client.get(film_url(video, member_id=make_member().pk))

    assert response["X-Accel-Redirect"] == f"/-/films/{video.pk}/ladder/480p.mp4"
    assert response["Content-Type"] == "video/mp4"
    assert response["Cache-Control"].startswith("private, max-age=")
    assert response.content == b""
    assert refused.status_code == 403
    assert "X-Accel-Redirect" not in refused


# --- Captions -----------------------------------------------------------------------------------


def captions_url(video, language: str = "es", *, member_id: int = EVERYONE) -> str:
    token = new_pass(member_id).token(video.pk)
    return reverse("classes:captions", args=[token, video.pk, language])


@pytest.fixture
def captions(video):
    return Captions.objects.create(variant=video.variant, language="es", text="WEBVTT\n\n¡Hola!")


def test_captions_come_from_the_database_under_the_pass_of_their_film(
    client, video, captions, django_assert_num_queries
):
    with django_assert_num_queries(1):
        response = client.get(captions_url(video))

    assert response.content.decode() == captions.text
    assert response["Content-Type"] == "text/vtt; charset=utf-8"
    assert response["Cache-Control"] == "private, no-cache"  # a curator may correct them


def test_captions_that_the_browser_has_are_not_sent_again(client, video, captions):
    etag = client.get(captions_url(video))["ETag"]
    asked = {"If-None-Match": etag}

    assert client.get(captions_url(video), headers=asked).status_code == 304
    Captions.objects.update(text="WEBVTT\n\n¡Buenas!")
    assert client.get(captions_url(video), headers=asked).status_code == 200


def test_captions_are_refused_like_the_film(client, video, captions):
    assert client.get(captions_url(video, member_id=make_member().pk)).status_code == 403


def test_captions_in_another_language_are_not_found(client, video, captions):
    assert client.get(captions_url(video, "de")).status_code == 404


def test_captions_stay_while_a_replaced_film_is_still_watched(client, video, captions):
    variant = video.variant
    variant.video = make_video(variant)
    variant.save()

    assert client.get(captions_url(video)).status_code == 200


# --- Previews -----------------------------------------------------------------------------------


def test_film_that_its_variant_does_not_play_has_no_preview(client):
    variant = make_variant(make_class(), language="es")
    waiting = lay_out(make_video(variant))

    assert client.get(preview_url(waiting)).status_code == 404


def test_preview_is_public_and_may_be_kept(client, video, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = client.get(preview_url(video))

    assert body(response) == PREVIEW
    assert response["Cache-Control"] == "public, max-age=3600"
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize(
    "when", [{"state": State.DRAFT, "published_at": None}, {"published_at": timezone.now() + DAY}]
)
def test_preview_of_what_is_not_public_is_for_staff_and_its_teacher(client, when):
    workout_class = make_class(**when)
    video = lay_out(workout_class.variants.get().video)
    assert client.get(preview_url(video)).status_code == 404

    client.force_login(make_membership(make_member()).member)
    assert client.get(preview_url(video)).status_code == 404

    client.force_login(make_member(is_staff=True, is_superuser=True))
    response = client.get(preview_url(video))
    assert body(response) == PREVIEW
    assert response["Cache-Control"] == "private, no-cache"

    teacher = make_instructor(member=make_member())
    workout_class.instructors.add(teacher)
    client.force_login(teacher.member)
    assert body(client.get(preview_url(video))) == PREVIEW


# --- Pictures -----------------------------------------------------------------------------------

PICTURE = "pictures/0f8fad5b-d9cb-469f-a165-70867728950e/640.avif"
AVATAR = "avatars/0f8fad5bd9cb469fa16570867728950e.webp"


@pytest.fixture
def media(settings):
    def put(name: str) -> str:
        path = settings.MEDIA_ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"picture")
        return f"/media/{name}"

    return put


@pytest.mark.parametrize(
    ("name", "content_type"), [(PICTURE, "image/avif"), (AVATAR, "image/webp")]
)
def test_picture_is_kept_for_ever(client, media, name, content_type, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get(media(name))

    assert body(response) == b"picture"
    assert response["Content-Type"] == content_type
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "name",
    [
        "pictures/0f8fad5b-d9cb-469f-a165-70867728950e/640.svg",
        "pictures/0f8fad5b-d9cb-469f-a165-70867728950e/640.html",
        "pictures/0f8fad5b-d9cb-469f-a165-70867728950e/x640.jpg",
        "pictures/portraits/640.jpg",
        "avatars/me.webp",
        "avatars/0f8fad5bd9cb469fa16570867728950e.jpg",
        "secret.jpg",
        ".pictures/0f8fad5b-d9cb-469f-a165-70867728950e/640.avif",
    ],
)
def test_picture_has_no_address_under_another_name(client, media, name):
    assert client.get(media(name)).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "../db.sqlite3",
        "pictures/../../db.sqlite3",
        "pictures/%2e%2e/%2e%2e/db.sqlite3",
        "pictures/0f8fad5b-d9cb-469f-a165-70867728950e/..%2f640.jpg",
        "avatars/0f8fad5bd9cb469fa16570867728950e.webp%0a",
        "pictures/0f8fad5b-d9cb-469f-a165-70867728950e",
        "",
    ],
)
def test_picture_leaves_its_folder_for_nobody(client, media, settings, path):
    media("../db.sqlite3")

    assert client.get(f"/media/{path}").status_code == 404


def test_picture_that_is_missing_is_404(client):
    assert client.get(f"/media/{PICTURE}").status_code == 404
    assert client.post(f"/media/{PICTURE}").status_code == 405
