"""The timeline of a film on the page of its class, and as a track for browsers' own menus."""

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse

from classes.body.avoiding import keep
from classes.catalogue import keeping
from classes.models import Movement, State, Tempo, WorkoutClass
from tests.factories import (
    make_chapter,
    make_class,
    make_exercise,
    make_focus_tag,
    make_instructor,
    make_member,
    make_movement,
    make_variant,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def twisting():
    return make_movement(name="Twisting", slug="twisting")


@pytest.fixture
def saw(twisting):
    return make_exercise(name="Saw", slug="saw", names={"es": "La sierra"}, movements=[twisting])


@pytest.fixture
def free_class(saw):
    """Everybody may watch it: a welcome, then the Saw at 12:34."""
    workout_class = make_class(is_free=True, slug="slow")
    film = workout_class.variants.get()
    make_chapter(film, 0, 754, title="Welcome", note="Have a strap near")
    make_chapter(film, 754, 814, exercise=saw)
    return workout_class


def rows(page: str) -> list[str]:
    """The lines of the timeline as words, one after the other."""
    found = re.search(r'<ol id="timeline".*?</ol>', page, re.DOTALL)
    if found is None:
        return []
    items = re.findall(r"<li[ >].*?</li>", found[0], re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", item).split()) for item in items]


def chapters_of(client, workout_class, **headers: str):
    address = reverse("classes:chapters", args=[workout_class.slug, "workout-tempo", "en"])
    return client.get(address, headers=headers)


# --- What is done when --------------------------------------------------------------------------


def test_timeline_says_what_is_done_when_and_leads_there(client, free_class):
    page = client.get("/classes/slow/").text

    assert rows(page) == [
        "0:00 Welcome Have a strap near 12:34 Loop this chapter",
        "12:34 Saw Twisting 1:00 Loop this chapter",
    ]
    assert 'href="?t=754#t=754" data-t="754"' in page
    assert 'href="/exercises/saw/"' in page
    assert '<li data-start="754" data-end="814">' in page


def test_timeline_tells_what_a_chapter_adds_and_leaves_out(client, free_class, saw, twisting):
    kneeling = make_movement(name="Kneeling")
    film = free_class.variants.get()
    make_chapter(film, 900, 960, exercise=saw, adds=[kneeling], removes=[twisting])

    assert rows(client.get("/classes/slow/").text)[-1].startswith(
        "15:00 Saw Kneeling without Twisting 1:00"
    )


def test_timeline_is_for_everyone_and_its_seconds_for_who_may_watch(client, free_class):
    WorkoutClass.objects.update(is_free=False)

    page = client.get("/classes/slow/").text

    assert rows(page) == ["0:00 Welcome Have a strap near 12:34", "12:34 Saw Twisting 1:00"]
    assert "#t=" not in page
    assert 'kind="chapters"' not in page


def test_film_without_chapters_has_no_timeline(client):
    page = client.get(make_class(is_free=True).get_absolute_url()).text

    assert "data-timeline" not in page
    assert 'kind="chapters"' not in page


def test_timeline_ends_with_the_film(client, free_class):
    film = free_class.variants.get().video
    film.duration = timedelta(seconds=760.4)
    film.save()
    make_chapter(free_class.variants.get(), 814, 900)

    assert [row.split(" Loop")[0] for row in rows(client.get("/classes/slow/").text)] == [
        "0:00 Welcome Have a strap near 12:34",
        "12:34 Saw Twisting 0:06",
    ]


def test_timeline_is_that_of_the_film_on_the_page(client, free_class):
    observe = make_variant(free_class, tempo=Tempo.OBSERVE)
    make_chapter(observe, 0, 60, title="Slowly")

    page = client.get("/classes/slow/observe-and-learn/en/").text

    assert [row.split(" Loop")[0] for row in rows(page)] == ["0:00 Slowly 1:00"]


def test_chapter_that_the_address_leads_to_is_marked(client, free_class):
    page = client.get("/classes/slow/?t=760").text

    assert re.findall(r'data-t="(\d+)" aria-current="true"', page) == ["754"]


@pytest.mark.parametrize("second", ["x", "-1", "9" * 40, "814", "\0"])
def test_second_that_is_in_no_chapter_marks_none(client, free_class, second):
    page = client.get("/classes/slow/", {"t": second})

    assert page.status_code == 200
    assert not re.search(r'data-t="\d+" aria-current', page.text)


def test_timeline_is_made_anew_when_something_of_it_changes(client, free_class, saw):
    kneeling = make_movement(name="Kneeling")
    assert "Twisting" in rows(client.get("/classes/slow/").text)[1]

    saw.movements.set([kneeling])

    assert rows(client.get("/classes/slow/").text)[1].startswith("12:34 Saw Kneeling")


def test_timeline_names_exercises_in_the_readers_language(client, free_class):
    assert "Saw" in rows(client.get("/classes/slow/").text)[1]

    page = client.get("/classes/slow/", headers={"accept-language": "es"}).text

    assert "La sierra" in rows(page)[1]


def test_machines_read_the_chapters_as_clips(client, free_class):
    page = client.get("/classes/slow/").text
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)

    assert block
    assert json.loads(block[1])["hasPart"][1] == {
        "@type": "Clip",
        "name": "Saw",
        "startOffset": 754,
        "endOffset": 814,
        "url": "http://127.0.0.1:8000/classes/slow/?t=754",
    }


# --- What a visitor avoids ----------------------------------------------------------------------


def test_what_the_address_avoids_is_marked_in_words(client, free_class):
    page = client.get("/classes/slow/?avoid=twisting").text

    assert rows(page)[1].startswith("12:34 Saw Twisting You avoid: Twisting")
    assert "You avoid" not in rows(page)[0]
    assert '<li data-start="754" data-end="814" data-avoid>' in page
    assert "you avoid this" in page


def test_links_of_the_page_pass_on_what_its_address_avoids(client, free_class):
    other = make_class(movements=[], slug="other")
    film = make_variant(free_class, tempo=Tempo.OBSERVE)

    page = client.get("/classes/slow/?avoid=none").text

    for link in (
        'href="?avoid=none&amp;t=754#t=754"',
        'href="/exercises/saw/?avoid=none"',
        f'href="{film.workout_class.get_absolute_url()}observe-and-learn/en/?avoid=none"',
        'href="/classes/?show=other-languages&amp;avoid=none"',
    ):
        assert link in page
    assert other.title not in page


def test_what_a_member_keeps_is_marked_and_stands_in_no_address(client, free_class):
    member = make_member()
    keep(member, ["twisting"])
    client.force_login(member)

    page = client.get("/classes/slow/")

    assert "You avoid: Twisting" in rows(page.text)[1]
    assert "(your own set)" in page.text
    assert 'href="?avoid=none"' in page.text
    assert 'href="/my/avoid/"' in page.text
    assert "avoid=twisting" not in page.text
    assert "private" in page["Cache-Control"]


def test_member_who_lifts_their_set_is_led_back_to_it(client, free_class):
    client.force_login(make_member())

    page = client.get("/classes/slow/?avoid=none").text

    assert "it is set aside for this page" in page
    assert '<a href="/classes/slow/">Use it again</a>' in page


def test_what_a_member_keeps_is_on_no_page_that_is_kept(client, free_class):
    """Neither what is kept for the next visitor comes from them, nor do they get unmarked rows."""
    member = make_member()
    keep(member, ["twisting"])
    visitor_first = rows(client.get("/classes/slow/").text)
    client.force_login(member)
    marked = rows(client.get("/classes/slow/").text)
    client.logout()

    assert "You avoid" in marked[1]
    assert rows(client.get("/classes/slow/").text) == visitor_first


def test_class_that_is_not_checked_for_what_is_avoided_says_so(client, free_class, twisting):
    checked_by = make_member(is_staff=True)
    WorkoutClass.objects.update(checked_by=checked_by, checked_at=twisting.defined_at)
    later = Movement.objects.create(name="Rolling", slug="rolling")

    page = client.get("/classes/slow/?avoid=rolling").text

    assert f"Not checked for what you avoid: {later.name}" in " ".join(page.split())


def test_value_of_avoid_that_means_nothing_is_said(client, free_class):
    page = client.get("/classes/slow/", {"avoid": "<b>"})

    assert "“avoid=&lt;b&gt;” means nothing here" in page.text


# --- For browsers' own menus --------------------------------------------------------------------


def test_who_may_watch_gets_the_chapters_as_a_track(client, free_class):
    playback = client.get("/classes/slow/").context["playback"]

    assert playback.chapters_url == "/classes/slow/workout-tempo/en/chapters.vtt"


def test_chapters_are_webvtt_in_the_readers_language(client, free_class):
    response = chapters_of(client, free_class, **{"accept-language": "es"})

    assert response["Content-Type"] == "text/vtt; charset=utf-8"
    assert response.content.decode() == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:12:34.000\nWelcome\n\n"
        "00:12:34.000 --> 00:13:34.000\nLa sierra\n"
    )
    assert "Accept-Language" in response["Vary"]
    assert response["Cache-Control"] == "public, s-maxage=60"


def test_name_of_a_chapter_is_words_and_no_markup(client, free_class):
    film = free_class.variants.get()
    make_chapter(film, 820, 830, title="a --> b <v Ana> & c\u2028d")

    text = chapters_of(client, free_class).content.decode()

    assert text.endswith("00:13:50.000\na --&gt; b &lt;v Ana&gt; &amp; c d\n")


def test_chapters_of_a_hidden_class_are_for_who_may_see_its_page(client, free_class):
    WorkoutClass.objects.update(state=State.DRAFT)
    teacher = make_member()
    free_class.instructors.set([make_instructor(member=teacher)])

    assert chapters_of(client, free_class).status_code == 404
    client.force_login(teacher)
    assert chapters_of(client, free_class).status_code == 200


@pytest.mark.parametrize("tail", ["workout-tempo/es", "quickly/en", "observe-and-learn/en"])
def test_chapters_of_a_film_that_there_is_not_are_not_found(client, free_class, tail):
    make_variant(free_class, language="es", ready=False)

    assert client.get(f"/classes/slow/{tail}/chapters.vtt").status_code == 404


def test_chapters_that_are_the_same_are_not_sent_twice(client, free_class):
    etag = chapters_of(client, free_class)["ETag"]

    assert chapters_of(client, free_class, **{"if-none-match": etag}).status_code == 304


@pytest.mark.parametrize("count", [1, 8])
def test_chapters_cost_two_queries(client, django_assert_num_queries, free_class, count):
    for number in range(count):
        make_chapter(
            free_class.variants.get(), 900 + number, 901 + number, exercise=make_exercise()
        )

    with django_assert_num_queries(2):  # the film, its chapters
        chapters_of(client, free_class)


# --- Similar classes ----------------------------------------------------------------------------


def words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def test_similar_classes_say_what_they_share(client):
    hips = make_focus_tag(name="Hips")
    workout_class = make_class(focus_tags=[hips])
    make_class(title="Another", focus_tags=[hips])
    make_class(title="Unlike")

    page = words(client.get(workout_class.get_absolute_url()).text)

    assert "Similar classes" in page
    assert "Also Hips · the same level · about as long" in page
    assert "Unlike" not in page


def test_similar_classes_that_share_a_movement_name_it(client, twisting):
    workout_class = make_class(movements=[twisting], level="beginner")
    make_class(movements=[twisting], level="advanced")

    page = words(client.get(workout_class.get_absolute_url()).text)

    assert "Also has Twisting · about as long" in page


def test_class_like_no_other_has_no_such_shelf(client):
    make_class()

    assert "Similar classes" not in client.get(make_class().get_absolute_url()).text


def test_class_with_or_unchecked_for_what_is_avoided_is_never_similar(client, twisting):
    hips = make_focus_tag(name="Hips")
    workout_class = make_class(focus_tags=[hips])
    make_class(title="Twists", focus_tags=[hips], movements=[twisting])
    make_class(title="Unchecked", focus_tags=[hips])
    member = make_member()
    keep(member, ["twisting"])

    from_address = client.get(workout_class.get_absolute_url() + "?avoid=twisting").text
    client.force_login(member)
    from_set = client.get(workout_class.get_absolute_url()).text
    lifted = client.get(workout_class.get_absolute_url() + "?avoid=none").text

    for page in (from_address, from_set):
        assert "Twists" not in page
        assert "Unchecked" not in page
    assert "Twists" in lifted
    assert "Unchecked" in lifted


# --- Cost ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 8])
def test_timeline_and_similar_classes_cost_nothing_once_they_are_kept(
    client, django_assert_num_queries, count
):
    hips = make_focus_tag()
    workout_class = make_class(focus_tags=[hips])
    films = [workout_class.variants.get()]
    for language in "abcdefgh"[:count]:
        make_class(focus_tags=[hips])
        films.append(make_variant(workout_class, language=f"e{language}"))
    for film in films:
        for start in range(count):
            exercise = make_exercise(movements=[make_movement()])
            make_chapter(film, start, start + 1, exercise=exercise, adds=[make_movement()])
    keeping.current()

    # What stands; class, instructors, contents, tags, their rules, films, apparatus, props;
    # movements; chapters by their seconds; comments. Then similar classes and their numbers, and
    # the timeline.
    with django_assert_num_queries(12 + 2 + 4):
        client.get(workout_class.get_absolute_url())
    with django_assert_num_queries(1):
        client.get(workout_class.get_absolute_url())
