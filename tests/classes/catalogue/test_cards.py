"""What a card shows."""

from datetime import timedelta

import pytest

from classes.catalogue import Choices, page
from classes.catalogue.cards import Note, cards_by_id, cards_for_hits
from classes.models import Picture
from tests.factories import make_class, make_focus_tag, make_instructor, make_movement, make_variant


def only_card(choices: Choices | None = None):
    [card] = cards_for_hits(page(choices or Choices(), 1))
    return card


@pytest.mark.django_db
def test_card_leads_to_the_film_that_was_asked_for():
    workout_class = make_class(slug="mat")
    make_variant(workout_class, language="es", duration=timedelta(minutes=31))

    assert only_card().url == "/classes/mat/"
    spanish = only_card(Choices(language=("es",)))
    assert spanish.url == "/classes/mat/workout-tempo/es/"
    assert spanish.variant.duration == timedelta(minutes=31)


@pytest.mark.django_db
def test_card_of_a_class_without_a_film_leads_to_its_page():
    make_class(slug="mat", variant=False)

    card = only_card()

    assert (card.variant, card.url, card.picture) == (None, "/classes/mat/", None)


@pytest.mark.django_db
def test_card_shows_the_curators_poster_or_a_frame_of_its_own_film():
    workout_class = make_class(variant=False)
    english = make_variant(workout_class)
    spanish = make_variant(workout_class, language="es")
    poster, frame, other_frame = (
        Picture.objects.create(width=16, height=9, widths=[16]) for _ in range(3)
    )
    for variant, picture in ((english, other_frame), (spanish, frame)):
        variant.video.poster = picture
        variant.video.save()

    assert only_card(Choices(language=("es",))).picture == frame
    workout_class.poster = poster
    workout_class.save()
    assert only_card(Choices(language=("es",))).picture == poster


@pytest.mark.django_db
def test_card_shows_only_tags_that_somebody_vouches_for():
    hips = make_focus_tag(name="Hips")
    safe = make_focus_tag(name="Spine Safe", forbids=[make_movement()])
    make_class(focus_tags=[safe, hips])

    assert only_card().focus_tags == [hips]


@pytest.mark.django_db
def test_notes_tell_an_unusual_film():
    workout_class = make_class(variant=False, is_free=True)
    make_variant(workout_class, tempo="observe-and-learn", language="es")

    assert only_card().notes == [Note("Free"), Note("Observe & Learn"), Note("Español", "es")]


@pytest.mark.django_db
def test_class_that_is_no_longer_listed_has_no_card():
    workout_class = make_class()
    hits = page(Choices(), 1)
    workout_class.state = "retired"
    workout_class.save()

    assert cards_for_hits(hits) == []
    assert cards_by_id([workout_class.pk]) == {}


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 8])
def test_cards_take_the_same_queries_however_many(django_assert_num_queries, size):
    for _ in range(size):
        workout_class = make_class(
            focus_tags=[make_focus_tag(forbids=[make_movement()])],
            instructors=[make_instructor()],
            movements=[make_movement()],
        )
        make_variant(workout_class, language="es")
    hits = page(Choices(language=("es",)), 1)

    with django_assert_num_queries(6):  # classes, instructors, movements, tags, rules, variants
        cards = cards_for_hits(hits)
        shown = [(card.url, card.picture, card.notes, card.focus_tags) for card in cards]

    assert len(shown) == size
