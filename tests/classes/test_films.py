from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from classes.models import State
from tests.factories import (
    make_class,
    make_instructor,
    make_member,
    make_membership,
    make_variant,
    make_video,
)

pytestmark = pytest.mark.django_db

FILM = bytes(range(256)) * 20
PREVIEW = FILM[:1000]
DAY = timedelta(days=1)


@pytest.fixture
def video():
    return lay_out(make_class().variants.get().video)


def lay_out(video):
    """Put bytes where a prepared film has them."""
    video.folder.mkdir(parents=True)
    video.film_path.write_bytes(FILM)
    video.preview_path.write_bytes(PREVIEW)
    return video


def film_url(video) -> str:
    return reverse("classes:film", args=[video.pk])


def preview_url(video) -> str:
    return reverse("classes:preview", args=[video.pk])


def body(response) -> bytes:
    return b"".join(response)


@pytest.fixture
def paying(client):
    member = make_membership(make_member()).member
    client.force_login(member)
    return member


def test_film_plays_for_a_running_membership(client, video, paying):
    response = client.get(film_url(video))

    assert response.status_code == 200
    assert response["Content-Type"] == "video/mp4"
    assert response["Cache-Control"] == "private, no-cache"
    assert body(response) == FILM


def test_film_answers_ranges(client, video, paying):
    response = client.get(film_url(video), headers={"Range": "bytes=100-199"})

    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes 100-199/{len(FILM)}"
    assert body(response) == FILM[100:200]


def test_film_is_not_compressed_on_its_way(client, video, paying):
    response = client.get(film_url(video), headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in response
    assert response["Content-Length"] == str(len(FILM))
    assert body(response) == FILM


def test_film_answers_head(client, video, paying):
    response = client.head(film_url(video))

    assert response.status_code == 200
    assert response["Content-Length"] == str(len(FILM))
    assert response.content == b""


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_film_has_no_other_method(client, video, paying, method):
    assert getattr(client, method)(film_url(video)).status_code == 405


@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-9"}, {"If-None-Match": "*"}])
@pytest.mark.parametrize("method", ["get", "head"])
def test_film_is_refused_to_visitors(client, video, method, headers):
    response = getattr(client, method)(film_url(video), headers=headers)

    assert response.status_code == 403
    assert FILM[:10] not in response.content


@pytest.mark.parametrize(
    "period",
    [
        {"starts_at": timezone.now() - 2 * DAY, "ends_at": timezone.now() - DAY},
        {"starts_at": timezone.now() + DAY},
    ],
    ids=["ended", "future"],
)
def test_film_is_refused_without_a_running_membership(client, video, period):
    client.force_login(make_membership(make_member(), **period).member)

    assert client.get(film_url(video)).status_code == 403


def test_film_of_a_draft_is_not_found(client, paying):
    video = lay_out(make_class(state=State.DRAFT, published_at=None).variants.get().video)

    assert client.get(film_url(video)).status_code == 404


def test_film_of_a_free_class_plays_for_visitors(client):
    video = lay_out(make_class(is_free=True).variants.get().video)

    assert body(client.get(film_url(video))) == FILM


def test_film_of_a_retired_class_plays_for_members(client, paying):
    video = lay_out(make_class(state=State.RETIRED).variants.get().video)

    assert body(client.get(film_url(video))) == FILM


def test_film_that_its_variant_does_not_play_has_no_address(client, paying):
    variant = make_variant(make_class(), language="es")
    waiting = lay_out(make_video(variant))

    assert client.get(film_url(waiting)).status_code == 404
    assert client.get(preview_url(waiting)).status_code == 404


def test_film_that_is_missing_on_the_disk_is_404(client, paying):
    video = make_class().variants.get().video

    assert client.get(film_url(video)).status_code == 404
    assert client.get(reverse("classes:film", args=[uuid4()])).status_code == 404


@pytest.mark.parametrize("person, count", [("visitor", 1), ("member", 5)])
def test_film_query_count(client, video, django_assert_num_queries, person, count):
    if person == "member":
        client.force_login(make_membership(make_member()).member)

    with django_assert_num_queries(count):  # film; session, member, teaches, membership
        response = client.get(film_url(video))
    response.close()


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
