"""A new pass for a film, where the former one has run out: who is given it, and who is not."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from classes.models import Captions, State
from classes.watch.passes import new_pass
from tests.factories import (
    make_class,
    make_instructor,
    make_member,
    make_membership,
    make_video,
)

from .film_files import FILM, body, film_url, lay_out

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def video():
    return lay_out(make_class().variants.get().video)


def pass_url(video) -> str:
    return reverse("classes:pass", args=[video.pk])


def test_pass_gives_the_addresses_again_and_the_cookie(client, video, time_machine):
    Captions.objects.create(variant=video.variant, language="es", text="")
    time_machine.move_to(datetime(2050, 11, 22, 8, 30, tzinfo=UTC), tick=False)
    member = make_membership(make_member()).member
    client.force_login(member)
    former = film_url(video, member_id=member.pk)
    time_machine.move_to(datetime(2050, 11, 22, 18, 0, tzinfo=UTC), tick=False)

    response = client.get(pass_url(video))

    assert response["Cache-Control"] == "private, no-store"
    data = response.json()
    token = new_pass(member.pk).token(video.pk)
    assert token not in former
    assert data == {
        "sources": [
            {"url": f"/v/{token}/{video.pk}/master.m3u8", "type": "application/vnd.apple.mpegurl"},
            {"url": f"/v/{token}/{video.pk}/film.mp4", "type": "video/mp4"},
        ],
        "tracks": [{"url": f"/v/{token}/{video.pk}/captions.es.vtt", "language": "es"}],
        "storyboard": f"/v/{token}/{video.pk}/storyboard.vtt",
    }
    assert client.get(former).status_code == 403
    assert body(client.get(data["sources"][1]["url"])) == FILM


def test_pass_of_a_free_film_is_for_everyone(client):
    video = lay_out(make_class(is_free=True).variants.get().video)

    response = client.get(pass_url(video))

    assert not response.cookies
    assert body(client.get(response.json()["sources"][1]["url"])) == FILM


def test_pass_is_refused_to_visitors_with_the_way_to_sign_in(client, video):
    response = client.get(pass_url(video))

    assert response.status_code == 403
    assert not response.cookies
    refusal = response.json()
    assert refusal["reason"] == "sign-in"
    assert "Sign in" in refusal["message"]
    slug = video.variant.workout_class.slug
    page = f"/classes/{slug}/workout-tempo/en/"
    assert refusal["href"] == f"{reverse('account_login')}?{urlencode({'next': page})}"


@pytest.mark.parametrize(
    "period",
    [
        {"starts_at": timezone.now() - 2 * DAY, "ends_at": timezone.now() - DAY},
        {"starts_at": timezone.now() + DAY},
    ],
    ids=["ended", "future"],
)
def test_pass_is_refused_without_a_running_membership(client, video, period):
    client.force_login(make_membership(make_member(), **period).member)

    response = client.get(pass_url(video))

    assert response.status_code == 403
    assert response.json()["reason"] == "no-membership"
    assert "membership" in response.json()["message"]
    assert "sources" not in response.json()
    assert client.get(response.json()["href"], follow=True).status_code == 200


@pytest.mark.parametrize(
    "when", [{"state": State.DRAFT, "published_at": None}, {"published_at": timezone.now() + DAY}]
)
def test_pass_for_what_is_not_public_is_for_staff_and_its_teacher(client, when):
    workout_class = make_class(**when)
    video = lay_out(workout_class.variants.get().video)
    client.force_login(make_membership(make_member()).member)
    hidden = client.get(pass_url(video))
    assert hidden.status_code == 404
    missing = client.get(reverse("classes:pass", args=[uuid4()]))
    assert (missing.status_code, missing.json()) == (404, hidden.json())

    teacher = make_instructor(member=make_member())
    workout_class.instructors.add(teacher)
    for person in (make_member(is_staff=True), teacher.member):
        client.force_login(person)
        address = client.get(pass_url(video)).json()["sources"][1]["url"]
        assert body(client.get(address)) == FILM


def test_pass_of_a_retired_class_is_for_members(client):
    video = lay_out(make_class(state=State.RETIRED).variants.get().video)
    client.force_login(make_membership(make_member()).member)

    assert client.get(pass_url(video)).status_code == 200


def test_pass_for_a_replaced_film_leads_to_the_new_one(client, video):
    client.force_login(make_membership(make_member()).member)
    variant = video.variant
    variant.video = make_video(variant)
    variant.save()

    response = client.get(pass_url(video))

    assert response.status_code == 404
    assert response.json()["reason"] == "replaced"
    assert client.get(response.json()["href"], follow=True).status_code == 200


@pytest.mark.parametrize("count", [1, 8])
def test_pass_query_count_is_constant(client, video, django_assert_num_queries, count):
    client.force_login(make_membership(make_member()).member)
    for number in range(count):
        Captions.objects.create(variant=video.variant, language=f"e{'abcdefgh'[number]}", text="")

    with django_assert_num_queries(5):  # session, member, film, membership, captions
        client.get(pass_url(video))
