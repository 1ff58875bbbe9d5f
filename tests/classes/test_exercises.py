"""Exercises by name, and every class and second in which one occurs."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from classes.body.avoiding import keep
from classes.exercises import classes_with, named_like, nearest_names, where
from classes.library.saving import save_class
from classes.models import Exercise, SavedClass, State, Tempo
from tests.factories import (
    make_chapter,
    make_checked_class,
    make_class,
    make_exercise,
    make_member,
    make_movement,
    make_variant,
    make_viewing,
)

pytestmark = pytest.mark.django_db


def make_class_with(exercise, *times, **attrs):
    """A class of which the first film does the exercise at these times, from second to second."""
    workout_class = make_class(**attrs)
    for start, end in times:
        make_chapter(workout_class.variants.get(), start, end, exercise=exercise)
    return workout_class


def classes_on(page):
    return [shown.place.workout_class for shown in page.context["places"]]


# --- By name ------------------------------------------------------------------------------------


@pytest.fixture
def hundred():
    names = {"es": "El cien"}
    return make_exercise(name="Hundred", slug="hundred", names=names, aliases=["100s", "Ñandú"])


@pytest.mark.parametrize(
    "words", ["hundred", "HUND", "the Hundred", "el cién", "cien", "100", "nandu"]
)
def test_exercise_is_found_by_the_beginning_of_any_of_its_names(hundred, words):
    make_exercise(name="Saw")

    assert named_like(Exercise.objects.all(), words) == [hundred]


def test_words_of_two_names_find_no_exercise(hundred):
    assert named_like([hundred], "cien 100s") == []


def test_likely_names_are_offered_where_none_is_meant(hundred):
    assert nearest_names([hundred, make_exercise(name="Saw")], "hunderd") == ["Hundred"]


def test_exercise_list_has_every_exercise_under_its_family(client, hundred):
    make_exercise(name="Footwork", family=Exercise.Family.APPARATUS, position=1)

    page = client.get("/exercises/")

    families = [(str(name), rows) for name, rows in page.context["families"]]
    assert [(name, [row.name for row in rows]) for name, rows in families] == [
        ("Mat and wall", ["Hundred"]),
        ("Apparatus", ["Footwork"]),
    ]
    assert "noindex" not in page.text


def test_exercise_list_says_which_ones_are_on_no_film(client, hundred):
    make_exercise(name="Saw")
    make_class_with(hundred, (0, 60))

    page = client.get("/exercises/")

    assert page.context["on_film"] == {hundred.pk}
    assert page.text.count("On no film yet") == 1


def test_search_shows_what_it_found_and_keeps_the_words(client, hundred):
    make_exercise(name="Saw")

    page = client.get("/exercises/", {"q": "  hund "})

    assert "1 exercise has “hund”" in page.text
    assert 'value="hund"' in page.text
    assert "Saw" not in page.text
    assert '<meta name="robots" content="noindex">' in page.text


def test_search_that_finds_nothing_offers_what_may_have_been_meant(client, hundred):
    page = client.get("/exercises/", {"q": "hunderd"})

    assert 'href="?q=Hundred"' in page.text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("a" * 10_000, "Only the first words were looked for"),
        ("x\0y", "could not be read"),
        ("\u200f\u202ehun\u00addred", "1 exercise has “hundred”"),
        ("x\ufffd", "could not be read"),
        ("'\"<script>NEAR(*", "No exercise has “"),
        ("--- ...", "No exercise has “"),
    ],
)
def test_odd_words_are_answered_on_the_page(client, hundred, words, said):
    page = client.get("/exercises/", {"q": words})

    assert page.status_code == 200
    assert said in page.text
    assert "<script>NEAR" not in page.text


def test_names_follow_the_readers_language(client, hundred):
    page = client.get("/exercises/", headers={"accept-language": "es"})

    assert "El cien" in page.text


def test_studio_without_exercises_says_what_there_is(client):
    assert "Nobody has described an exercise yet" in client.get("/exercises/").text


# --- Where --------------------------------------------------------------------------------------


def test_class_that_stays_with_an_exercise_longest_comes_first(hundred):
    short = make_class_with(hundred, (0, 50))
    twice = make_class_with(hundred, (0, 40), (600, 640))
    long = make_class_with(hundred, (10, 100))
    make_class_with(make_exercise(), (0, 300))

    assert classes_with(hundred) == [long.pk, twice.pk, short.pk]


def test_length_is_that_of_the_one_film_that_does_it_longest(hundred):
    long = make_class_with(hundred, (0, 100))
    in_three_films = make_class_with(hundred, (0, 60))
    for language in ("es", "de"):
        variant = make_variant(in_three_films, language=language)
        make_chapter(variant, 0, 60, exercise=hundred)

    assert classes_with(hundred) == [long.pk, in_three_films.pk]


def test_newest_comes_first_where_classes_stay_with_it_equally_long(hundred):
    day = timedelta(days=1)
    older = make_class_with(hundred, (0, 60), published_at=timezone.now() - 2 * day)
    newer = make_class_with(hundred, (5, 65), published_at=timezone.now() - day)

    assert classes_with(hundred) == [newer.pk, older.pk]


def test_seconds_past_the_end_of_the_film_do_not_count(hundred):
    cut = make_class(variant=False)
    film = make_variant(cut, duration=timedelta(seconds=70.9))
    make_chapter(film, 60, 500, exercise=hundred)
    make_chapter(film, 600, 900, exercise=hundred)
    whole = make_class_with(hundred, (0, 20))
    gone = make_class(variant=False)
    make_chapter(make_variant(gone, duration=timedelta(seconds=30)), 40, 90, exercise=hundred)

    assert classes_with(hundred) == [whole.pk, cut.pk]
    [place] = where(hundred, [cut.pk])
    assert place.longest == timedelta(seconds=10)
    assert [len(film.stretches) for film in place.films] == [1]


@pytest.mark.parametrize(
    "hidden",
    [
        {"state": State.DRAFT},
        {"state": State.RETIRED},
        {"published_at": timezone.now() + timedelta(days=1)},
        {
            "published_at": timezone.now() - timedelta(days=2),
            "retires_at": timezone.now() - timedelta(days=1),
        },
    ],
)
def test_class_that_is_not_listed_is_named_nowhere(client, hundred, hidden):
    make_class_with(hundred, (0, 60), title="Hidden", **hidden)

    page = client.get("/exercises/hundred/")

    assert "Hidden" not in page.text
    assert "On no film yet" in page.text
    assert '<meta name="robots" content="noindex">' in page.text


def test_film_that_is_not_ready_is_named_nowhere(hundred):
    workout_class = make_class()
    make_chapter(make_variant(workout_class, language="es", ready=False), 0, 60, exercise=hundred)

    assert classes_with(hundred) == []


def test_exercise_detail_leads_to_every_second(client, hundred):
    workout_class = make_class_with(hundred, (45, 105), (754, 784), title="Slow", slug="slow")
    observe = make_variant(workout_class, tempo=Tempo.OBSERVE)
    make_chapter(observe, 30, 40, exercise=hundred)

    page = client.get("/exercises/hundred/").text

    assert 'href="/classes/slow/?t=45#t=45">0:45</a>' in page
    assert 'href="/classes/slow/?t=754#t=754">12:34</a>' in page
    assert 'href="/classes/slow/observe-and-learn/en/?t=30#t=30">0:30</a>' in page
    assert "1:30 of it" in page


def test_exercise_detail_says_what_it_asks_of_a_body(client):
    twisting = make_movement(name="Twisting", description="Turning the trunk")
    make_exercise(
        slug="saw", name="Saw", movements=[twisting], description="A long one.", aliases=["Sierra"]
    )

    page = client.get("/exercises/saw/").text

    for words in ("<h1>Saw</h1>", "Twisting", "Turning the trunk", "A long one.", "Sierra"):
        assert words in page


def test_exercise_detail_has_24_classes_a_page(client, hundred):
    for seconds in range(1, 26):
        make_class_with(hundred, (0, seconds))

    first, second = (client.get("/exercises/hundred/", {"page": number}) for number in ("1", "2"))
    past = client.get("/exercises/hundred/", {"page": "3"})

    assert len(first.context["places"]) == 24
    assert [shown.place.longest.seconds for shown in second.context["places"]] == [1]
    assert 'href="http://127.0.0.1:8000/exercises/hundred/?page=2"' in second.text
    assert "There is no page 3 of this" in past.text
    assert len(past.context["places"]) == 24


@pytest.mark.parametrize("number", ["0", "-1", "x", "9" * 20, "\0"])
def test_page_that_means_nothing_is_left_out_and_said(client, hundred, number):
    page = client.get("/exercises/hundred/", {"page": number})

    assert page.status_code == 200
    assert "notice" in page.text


def test_unknown_exercise_is_not_found(client):
    assert client.get("/exercises/nothing/").status_code == 404


def test_former_address_of_an_exercise_leads_to_the_new_one(client, hundred):
    hundred.move_to("the-hundred")

    response = client.get("/exercises/hundred/?page=2")

    assert response.status_code == 301
    assert response["Location"] == "/exercises/the-hundred/?page=2"


# --- What a visitor avoids ----------------------------------------------------------------------


@pytest.fixture
def twisting():
    return make_movement(name="Twisting", slug="twisting")


def test_what_is_avoided_is_marked_and_not_left_out(client, hundred, twisting):
    hundred.movements.set([twisting])
    with_it = make_class_with(hundred, (0, 60))
    unchecked = make_class_with(make_exercise(slug="saw"), (0, 60))

    exercise, other = (
        client.get(f"/exercises/{slug}/?avoid=twisting") for slug in ("hundred", "saw")
    )

    assert classes_on(exercise) == [with_it]
    assert "you avoid this" in exercise.text
    assert "Contains what you avoid: Twisting" in " ".join(exercise.text.split())
    assert classes_on(other) == [unchecked]
    assert "Not checked for what you avoid: Twisting" in " ".join(other.text.split())


def test_class_that_is_checked_for_it_has_no_mark(client, hundred, twisting):
    workout_class = make_checked_class()
    make_chapter(workout_class.variants.get(), 0, 60, exercise=hundred)

    page = client.get("/exercises/hundred/?avoid=twisting")

    assert classes_on(page) == [workout_class]
    assert "what you avoid" not in page.text


def test_links_pass_on_what_the_address_avoids(client, hundred, twisting):
    make_class_with(hundred, (45, 60), slug="slow")

    page = client.get("/exercises/hundred/?avoid=twisting").text

    assert 'href="/classes/slow/?avoid=twisting&amp;t=45#t=45"' in page
    assert 'href="/exercises/?avoid=twisting"' in page


def test_what_a_member_keeps_is_marked_and_stands_in_no_link(client, hundred, twisting):
    hundred.movements.set([twisting])
    make_class_with(hundred, (45, 60))
    member = make_member()
    keep(member, ["twisting"])
    client.force_login(member)

    page = client.get("/exercises/hundred/")
    lifted = client.get("/exercises/hundred/?avoid=none")

    assert "you avoid this" in page.text
    assert "twisting" not in page.text.replace("Twisting", "")
    assert "private" in page["Cache-Control"]
    assert "you avoid this" not in lifted.text


def test_value_of_avoid_that_means_nothing_is_said(client, hundred, twisting):
    page = client.get("/exercises/hundred/?avoid=twistin&avoid=none")

    assert "“avoid=twistin” means nothing here" in page.text


# --- What is a member's own ---------------------------------------------------------------------


@pytest.fixture
def member(client):
    member = make_member()
    client.force_login(member)
    return member


def test_what_a_member_saved_and_did_stands_beside_the_class(client, hundred, member):
    saved, done, neither = (
        make_class_with(hundred, (0, 60 - number), slug=slug, title=slug.title())
        for number, slug in enumerate(["saved", "done", "neither"])
    )
    save_class(member, saved.pk)
    make_viewing(member, done.variants.get(), continues=False, done_at=timezone.now())
    other = make_member()
    save_class(other, neither.pk)
    make_viewing(other, neither.variants.get(), continues=False, done_at=timezone.now())

    page = client.get("/exercises/hundred/").text

    assert re.findall(r'formaction="/my/saved/(\w+)/" name="save" value="(\d)"', page) == [
        ("saved", "0"),
        ("done", "1"),
        ("neither", "1"),
    ]
    assert page.count('class="card-done"') == 1
    assert page.index(">Done</a>") < page.index('class="card-done"') < page.index(">Neither</a>")
    assert page.count('id="save-class"') == 1


@pytest.mark.parametrize("query", ["", "?avoid=twisting", "?avoid=none", "?page=2"])
def test_press_leads_back_to_the_same_page(client, hundred, twisting, member, query):
    classes = [make_class_with(hundred, (0, 60)) for _ in range(25)]
    address = f"/exercises/hundred/{query}"
    page = client.get(address).text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    [press, *_] = re.findall(r'formaction="([^"]+)" name="save" value="1"', page)

    answer = client.post(press, {**fields, "save": "1"})

    assert (answer.status_code, answer.url) == (303, address)
    assert SavedClass.objects.filter(member=member, workout_class__in=classes).count() == 1


def test_exercise_on_no_film_has_nothing_to_save(client, hundred, member):
    assert "save-class" not in client.get("/exercises/hundred/").text


def test_visitors_page_has_no_button_and_no_token(client, hundred):
    make_class_with(hundred, (0, 60))

    page = client.get("/exercises/hundred/").text

    assert "save-class" not in page and "data-save" not in page and "card-own" not in page
    assert "csrf" not in page and "library.css" not in page


# --- Cost ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 8])
def test_exercise_list_query_count_is_constant(client, django_assert_num_queries, count):
    for _ in range(count):
        make_class_with(make_exercise(movements=[make_movement()]), (0, 60))

    with django_assert_num_queries(4):  # slugs of movements, exercises, theirs, which are on film
        client.get("/exercises/")


@pytest.mark.parametrize("count", [1, 8])
def test_exercise_detail_query_count_is_constant(
    client, hundred, twisting, django_assert_num_queries, count
):
    for _ in range(count):
        workout_class = make_class_with(hundred, (0, 60), (90, 95), movements=[twisting])
        make_chapter(make_variant(workout_class, language="es"), 0, 9, exercise=hundred)

    # The exercise, its movements, slugs of movements; ids; classes, their films, their seconds.
    with django_assert_num_queries(7):
        client.get("/exercises/hundred/")
    with django_assert_num_queries(10):  # and the marks
        client.get("/exercises/hundred/?avoid=twisting")


@pytest.mark.parametrize("count", [1, 8])
def test_exercise_detail_of_a_member_takes_one_query_more_for_their_own(
    client, hundred, twisting, member, django_assert_num_queries, count
):
    for _ in range(count):
        workout_class = make_class_with(hundred, (0, 60))
        save_class(member, workout_class.pk)
        make_viewing(member, workout_class.variants.get(), done_at=timezone.now())
    client.get("/exercises/hundred/")  # what is asked of every page is prepared once

    # The seven of a visitor; session and member, what they avoid, what they saved and did.
    with django_assert_num_queries(11):
        client.get("/exercises/hundred/")


def test_exercise_pages_leave_no_cookie_and_may_be_shared(client, hundred):
    for address in ("/exercises/", "/exercises/hundred/"):
        response = client.get(address)

        assert not response.cookies
        assert response["Cache-Control"] == "public, s-maxage=60"
