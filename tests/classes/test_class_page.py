"""The class page: who sees it, at which address, and what stands on it."""

import json
import re
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from classes.body import avoiding
from classes.catalogue import keeping
from classes.models import Captions, SavedClass, State, Tempo
from classes.watch.passes import EVERYONE, new_pass
from tests.factories import (
    make_apparatus,
    make_chapter,
    make_checked_class,
    make_class,
    make_comment,
    make_exercise,
    make_focus_tag,
    make_instructor,
    make_member,
    make_membership,
    make_movement,
    make_prop,
    make_variant,
)

pytestmark = pytest.mark.django_db


def film_url(variant, member_id=EVERYONE):
    token = new_pass(member_id).token(variant.video_id)
    return reverse("classes:film", args=[token, variant.video_id, "film.mp4"])


def names_a_film(page: str) -> bool:
    return re.search(r"/v/[0-9]+-[0-9]+-[0-9a-f]+/", page) is not None


def preview_url(variant):
    return reverse("classes:preview", args=[variant.video_id])


# --- Who ----------------------------------------------------------------------------------------


def test_class_detail_gives_a_visitor_the_preview_and_the_way_to_the_film(client):
    workout_class = make_class()
    variant = workout_class.variants.get()

    page = client.get(workout_class.get_absolute_url()).content.decode()

    assert preview_url(variant) in page
    assert not names_a_film(page)
    assert f"{reverse('account_login')}?next=%2Fclasses%2F{workout_class.slug}%2F" in page


def test_preview_begins_where_it_begins_whatever_second_the_address_names(client):
    workout_class = make_class()

    page = client.get(workout_class.get_absolute_url() + "?t=754").content.decode()

    assert re.search(r'src="/v/[^"]*preview.mp4[^"#]*" type', page)


def test_class_detail_gives_a_member_the_film(client):
    workout_class = make_class()
    member = make_member()
    make_membership(member)
    client.force_login(member)

    page = client.get(workout_class.get_absolute_url()).content.decode()

    assert film_url(workout_class.variants.get(), member.pk) in page


def test_class_detail_tells_who_has_no_membership_why(client):
    workout_class = make_class()
    client.force_login(make_member())

    page = client.get(workout_class.get_absolute_url()).content.decode()

    assert "You have never had a membership." in page
    assert not names_a_film(page)


def test_class_detail_gives_everyone_a_free_film(client):
    workout_class = make_class(is_free=True)

    page = client.get(workout_class.get_absolute_url()).content.decode()

    assert film_url(workout_class.variants.get()) in page


@pytest.mark.parametrize(
    "hidden",
    [
        {"state": State.DRAFT},
        {"state": State.PUBLISHED, "published_at": timezone.now() + timedelta(days=1)},
    ],
)
def test_class_detail_hides_what_is_not_published(client, hidden):
    workout_class = make_class(**hidden)

    assert client.get(workout_class.get_absolute_url()).status_code == 404

    teacher = make_member()
    workout_class.instructors.set([make_instructor(member=teacher)])
    client.force_login(teacher)
    assert client.get(workout_class.get_absolute_url()).status_code == 200


def test_class_detail_keeps_the_page_of_a_retired_class(client):
    workout_class = make_class(state=State.RETIRED)

    response = client.get(workout_class.get_absolute_url())

    assert "no longer in the catalogue" in response.content.decode()


def test_class_detail_says_that_a_film_is_on_its_way(client):
    workout_class = make_class(variant=False)

    page = client.get(workout_class.get_absolute_url()).content.decode()

    assert "on its way" in page
    assert "<video" not in page


# --- Where --------------------------------------------------------------------------------------


def test_first_variant_has_one_address(client):
    workout_class = make_class()

    response = client.get(f"/classes/{workout_class.slug}/workout-tempo/en/?comments=2")

    assert response.status_code == 301
    assert response["Location"] == f"/classes/{workout_class.slug}/?comments=2"


def test_variant_is_canonical_at_its_own_address(client):
    workout_class = make_class()
    make_variant(workout_class, language="pt-BR")
    address = f"/classes/{workout_class.slug}/workout-tempo/pt-BR/"

    page = client.get(address).content.decode()

    assert f'<link rel="canonical" href="http://127.0.0.1:8000{address}">' in page


def test_language_in_an_address_matches_without_case(client):
    workout_class = make_class()
    make_variant(workout_class, language="pt-BR")

    response = client.get(f"/classes/{workout_class.slug}/workout-tempo/PT-br/")

    assert response.status_code == 301
    assert response["Location"] == f"/classes/{workout_class.slug}/workout-tempo/pt-BR/"


@pytest.mark.parametrize("tail", ["workout-tempo/es", "quickly/en", "workout-tempo/nonsense-here"])
def test_variant_that_is_not_there_is_not_found(client, tail):
    workout_class = make_class()
    make_variant(workout_class, language="es", ready=False)

    assert client.get(f"/classes/{workout_class.slug}/{tail}/").status_code == 404


def test_first_variant_is_the_studios_language_then_workout_tempo(client):
    workout_class = make_class(variant=False)
    make_variant(workout_class, language="de")
    make_variant(workout_class, tempo=Tempo.OBSERVE)
    wanted = make_variant(workout_class, duration=timedelta(minutes=7))

    page = client.get(workout_class.get_absolute_url()).content.decode()

    assert preview_url(wanted) in page


def test_regional_form_of_the_studio_language_comes_before_any_other(client):
    workout_class = make_class(variant=False)
    make_variant(workout_class, language="de")
    wanted = make_variant(workout_class, language="en-GB", duration=timedelta(minutes=7))

    page = client.get(workout_class.get_absolute_url()).content.decode()

    assert preview_url(wanted) in page


def test_former_address_leads_to_the_new_one_with_its_variant_and_query(client):
    workout_class = make_class(slug="old")
    workout_class.move_to("new")

    response = client.get("/classes/old/workout-tempo/es/?comments=2")

    assert response.status_code == 301
    assert response["Location"] == "/classes/new/workout-tempo/es/?comments=2"


def test_former_address_of_a_draft_stays_hidden(client):
    workout_class = make_class(slug="old", state=State.DRAFT)
    workout_class.move_to("new")

    assert client.get("/classes/old/").status_code == 404


# --- What ---------------------------------------------------------------------------------------


def test_class_detail_shows_everything_about_the_class(client):
    ana = make_instructor(name="Ana Lindqvist")
    workout_class = make_class(
        title="Slow & Gentle",
        description="For a *tired* back.",
        instructors=[ana],
        apparatus=[make_apparatus(name="Mat")],
        props=[make_prop(name="Strap", substitute="a belt or a scarf")],
        focus_tags=[make_focus_tag(name="Breathing")],
    )

    page = client.get(workout_class.get_absolute_url()).content.decode()

    for words in (
        "<h1>Slow &amp; Gentle</h1>",
        "For a <em>tired</em> back.",
        ana.get_absolute_url(),
        "Mat",
        "a belt or a scarf",
        "Breathing",
        "20 min",
        "Get down to the floor and up again",
        "What others are saying",
    ):
        assert words in page


def test_unchecked_class_promises_nothing(client):
    twisting, rolling = make_movement(name="Twisting"), make_movement(name="Rolling")
    tag = make_focus_tag(name="Spine Safe", forbids=[rolling])
    workout_class = make_class(movements=[twisting], focus_tags=[tag])

    page = client.get(workout_class.get_absolute_url()).content.decode()

    assert "Not checked yet" in page
    assert "Leaves out" not in page
    assert "Spine Safe" not in page


def test_checked_class_says_what_it_leaves_out_and_who_looked(client):
    twisting, rolling = make_movement(name="Twisting"), make_movement(name="Rolling")
    tag = make_focus_tag(name="Spine Safe", forbids=[rolling])
    ruth = make_member(display_name="Ruth Okafor", is_staff=True)
    workout_class = make_checked_class(movements=[twisting], focus_tags=[tag], checked_by=ruth)

    page = client.get(workout_class.get_absolute_url()).content.decode()

    leaves_out = re.search(r"Leaves out</dt>(.*?)</dd>", page, re.DOTALL)
    assert leaves_out
    assert "Rolling" in leaves_out[1]
    assert "Twisting" not in leaves_out[1]
    assert "Checked by Ruth Okafor" in page
    assert tag.get_absolute_url() in page


def test_curator_sees_which_tags_are_not_vouched_for(client):
    tag = make_focus_tag(name="Spine Safe", forbids=[make_movement()])
    workout_class = make_class(focus_tags=[tag])
    client.force_login(make_member(is_staff=True, is_superuser=True))

    page = client.get(workout_class.get_absolute_url()).content.decode()

    assert "Spine Safe: not vouched for yet" in page


def test_structured_data_cannot_break_out_of_its_element(client):
    workout_class = make_class(title="</script><script>alert(1)</script>")

    page = client.get(workout_class.get_absolute_url()).content.decode()
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)

    assert block
    data = json.loads(block[1])
    assert data["name"] == workout_class.title
    assert data["duration"] == "PT20M"
    assert "contentUrl" not in data


# --- Cost ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 8])
def test_class_detail_query_count_is_constant(client, django_assert_max_num_queries, count):
    workout_class = make_class(
        instructors=[make_instructor() for _ in range(count)],
        focus_tags=[make_focus_tag(forbids=[make_movement()]) for _ in range(count)],
        props=[make_prop() for _ in range(count)],
        apparatus=[make_apparatus() for _ in range(count)],
        movements=[make_movement() for _ in range(count)],
    )
    for number in range(count):
        make_variant(workout_class, language=f"e{'abcdefgh'[number]}")
        make_comment(workout_class, parent=make_comment(workout_class))
    keeping.current()

    with django_assert_max_num_queries(14):
        client.get(workout_class.get_absolute_url())


def test_class_detail_costs_one_query_while_nothing_changes(
    client, django_assert_num_queries, django_assert_max_num_queries
):
    workout_class = make_class()
    make_comment(workout_class)
    client.get(workout_class.get_absolute_url())

    with django_assert_num_queries(1):  # whether what is kept still stands
        client.get(workout_class.get_absolute_url())

    comment = make_comment(workout_class, body="Just now")
    workout_class.comment_count = 2
    workout_class.save(update_fields=["comment_count"])
    with django_assert_max_num_queries(4):  # and threads, comments, numbers of similar classes
        page = client.get(workout_class.get_absolute_url()).content.decode()
    assert comment.body in page
    assert "2 comments" in page


def test_class_detail_costs_a_member_six_queries_while_nothing_changes(
    client, django_assert_max_num_queries
):
    """With a set of their own, a membership, a class that they saved and one they teach: a desk."""
    workout_class, movement = make_class(), make_movement(slug="rolling", name="Rolling")
    workout_class.movements.add(movement)
    make_chapter(workout_class.variants.get(), 0, 60, exercise=make_exercise(movements=[movement]))
    make_class()
    member = make_member()
    make_membership(member)
    make_instructor(member=member)
    avoiding.keep(member, ["rolling"])
    make_comment(workout_class)
    SavedClass.objects.create(member=member, workout_class=workout_class)
    client.force_login(member)
    # As every sign-in leaves it.
    key = client.session.session_key
    UserSession.objects.create(user=member, ip="127.0.0.1", session_key=key)
    client.get(workout_class.get_absolute_url())

    with django_assert_max_num_queries(6) as asked:
        page = client.get(workout_class.get_absolute_url()).text
    unchanged = len(asked)

    assert page.count("you avoid this") == 1
    assert "data-my-version" in page
    assert 'aria-pressed="true" data-save' in page
    make_comment(workout_class, body="Just now")
    # The page of comments, what of it is held, numbers of similar classes, and what is said beside
    # chapters.
    with django_assert_max_num_queries(unchanged + 4):
        assert "Just now" in client.get(workout_class.get_absolute_url()).text


def test_member_with_a_set_reads_the_latest_of_similar_classes(client):
    rolling, twisting = (make_movement(slug=slug) for slug in ("rolling", "twisting"))
    this, alike, _rolls = (
        make_checked_class(title=title, movements=[twisting, *more])
        for title, more in (("This", []), ("Alike", []), ("Rolls", [rolling]))
    )
    member = make_member()
    avoiding.keep(member, ["rolling"])
    client.force_login(member)

    def section() -> str:
        page = client.get(this.get_absolute_url()).text
        return page[page.index('id="similar-title"') :]

    assert "Alike" in section()
    assert "Rolls" not in section()
    assert "1 comment" not in section()
    alike.comment_count = 1
    alike.save()
    assert "1 comment" in section()
    alike.title = "Renamed"
    alike.save()
    assert "Renamed" in section()
    avoiding.keep(member, ["twisting"])
    assert 'id="similar-title"' not in client.get(this.get_absolute_url()).text


@pytest.mark.parametrize("avoids", [[], ["rolling"]])
def test_similar_classes_are_saved_from_the_page(client, avoids):
    make_movement(slug="rolling")
    twisting = make_movement(slug="twisting")
    this, alike = (make_checked_class(title=t, movements=[twisting]) for t in ("This", "Alike"))
    saver, other_member = make_member(), make_member()
    SavedClass.objects.create(member=saver, workout_class=alike)

    def section(member=None) -> str:
        client.logout()
        if member:
            avoiding.keep(member, avoids)
            client.force_login(member)
        page = client.get(this.get_absolute_url()).text
        return page[page.index('id="similar-title"') : page.index("<footer")]

    saved = section(saver)
    not_saved = section(other_member)

    button = f'formaction="/my/saved/{alike.slug}/"'
    assert 'value="0" aria-pressed="true"' in saved and button in saved
    assert 'value="1" aria-pressed="false"' in not_saved and button in not_saved
    assert "formaction" not in section()


def test_marks_of_a_set_are_their_members_own_whoever_came_before(client):
    workout_class = make_class()
    for slug in ("rolling", "twisting"):
        workout_class.movements.add(make_movement(slug=slug, name=slug.title()))
    address = workout_class.get_absolute_url()
    browsers = {}
    for kept in ((), ("rolling",), ("twisting",), ("rolling", "twisting")):
        member = make_member()
        make_membership(member)
        avoiding.keep(member, kept)
        browsers[kept] = Client()
        browsers[kept].force_login(member)

    for kept in [*browsers, *reversed(browsers)]:
        page = browsers[kept].get(address).text

        for slug in ("rolling", "twisting"):
            assert (f"<span>{slug.title()}: <b" in page) == (slug in kept)
        assert "you avoid this" not in client.get(address).text


def test_kept_page_gives_each_reader_their_own(client):
    workout_class = make_class()
    member, other = make_member(display_name="Ines"), make_member(display_name="Bernd")
    make_membership(member)
    comment = make_comment(workout_class, author=member)
    film = workout_class.variants.get()
    address = workout_class.get_absolute_url()

    def read(reader) -> str:
        browser = Client()
        if reader:
            browser.force_login(reader)
        return browser.get(address).content.decode()

    for reader in (member, other, None, member, None, other):
        page = read(reader)
        assert (film_url(film, member.pk) in page) == (reader == member)
        assert (f"/comments/{comment.pk}/edit/" in page) == (reader == member)
        assert ("csrfmiddlewaretoken" in page) == (reader is not None)
        assert ("site-account-name" in page) == (reader is not None)
        assert names_a_film(page) == (reader == member)


@pytest.mark.parametrize("count", [1, 8])
def test_captions_of_a_film_cost_one_query(client, django_assert_max_num_queries, count):
    workout_class = make_class(is_free=True)
    variant = workout_class.variants.get()
    for number in range(count):
        Captions.objects.create(variant=variant, language=f"e{'abcdefgh'[number]}", text="WEBVTT")
    keeping.current()

    with django_assert_max_num_queries(15):
        page = client.get(workout_class.get_absolute_url()).content.decode()

    assert page.count("<track") == count


def test_class_detail_leaves_no_cookie_and_may_be_shared(client):
    response = client.get(make_class().get_absolute_url())

    assert not response.cookies
    assert response["Cache-Control"] == "public, s-maxage=60"


def test_class_detail_with_a_free_film_holds_a_pass_and_is_not_shared(client):
    response = client.get(make_class(is_free=True).get_absolute_url())

    assert not response.cookies
    assert response["Cache-Control"] == "private, no-cache"


def test_class_detail_lets_a_player_make_what_it_plays(client):
    page, other = client.get(make_class().get_absolute_url()), client.get("/classes/")

    assert "media-src 'self' blob:" in page["Content-Security-Policy"]
    assert "blob:" not in other["Content-Security-Policy"]


def test_class_detail_of_a_member_is_private(client):
    workout_class = make_class()
    client.force_login(make_member())

    response = client.get(workout_class.get_absolute_url())

    assert "private" in response["Cache-Control"]
