"""What a card shows."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.extra.django import TestCase

from classes.catalogue import Choices, Hit, SqlCatalogue, keeping
from classes.catalogue.bitmaps import BitmapCatalogue
from classes.catalogue.cards import Card, Note, cards_for_hits
from classes.models import Picture, WorkoutClass
from tests.classes.catalogue.studios import build, studios
from tests.factories import make_class, make_focus_tag, make_instructor, make_movement, make_variant


def only_card(choices: Choices | None = None) -> Card:
    catalogue = keeping.current()
    [card] = cards_for_hits(catalogue, catalogue.page(choices or Choices(), 1)).values()
    return card


@pytest.mark.django_db
def test_card_leads_to_the_film_that_was_asked_for():
    workout_class = make_class(slug="mat")
    make_variant(workout_class, language="es", duration=timedelta(minutes=31))

    assert only_card().url == "/classes/mat/"
    spanish = only_card(Choices(language=("es",)))
    assert spanish.url == "/classes/mat/workout-tempo/es/"
    assert spanish.film.duration == timedelta(minutes=31)


@pytest.mark.django_db
def test_card_of_a_class_without_a_film_leads_to_its_page():
    workout_class = make_class(slug="mat", variant=False)
    make_variant(workout_class, ready=False)

    card = only_card()

    assert (card.film, card.url, card.picture) == (None, "/classes/mat/", None)


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

    assert only_card(Choices(language=("es",))).picture.address == frame.address
    workout_class.poster = poster
    workout_class.save()
    assert only_card(Choices(language=("es",))).picture.address == poster.address


@pytest.mark.django_db
def test_card_shows_only_tags_that_somebody_vouches_for():
    hips = make_focus_tag(name="Hips")
    safe = make_focus_tag(name="Spine Safe", forbids=[make_movement()])
    make_class(focus_tags=[safe, hips])

    assert only_card().focus_tags == ("Hips",)


@pytest.mark.django_db
def test_notes_tell_an_unusual_film():
    workout_class = make_class(variant=False, is_free=True)
    make_variant(workout_class, tempo="observe-and-learn", language="es")

    assert only_card().notes == [Note("Free"), Note("Observe & Learn"), Note("Español", "es")]


@pytest.mark.django_db
def test_class_that_is_no_longer_listed_has_no_card():
    workout_class = make_class()
    catalogue = keeping.current()
    hits = catalogue.page(Choices(), 1)
    workout_class.state = "retired"
    workout_class.save()

    assert cards_for_hits(catalogue, hits) == {}


@pytest.mark.django_db
def test_film_that_is_gone_gives_way_to_the_first():
    workout_class = make_class(slug="mat")

    [card] = cards_for_hits(keeping.current(), [Hit(workout_class.pk, 0)]).values()

    assert card.url == "/classes/mat/"


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 8])
def test_cards_take_one_query_however_many(django_assert_num_queries, size):
    for _ in range(size):
        workout_class = make_class(
            focus_tags=[make_focus_tag(forbids=[make_movement()])],
            instructors=[make_instructor()],
            movements=[make_movement()],
        )
        make_variant(workout_class, language="es")
    catalogue = keeping.current()
    assert isinstance(catalogue, BitmapCatalogue)
    hits = catalogue.page(Choices(language=("es",)), 1)

    with django_assert_num_queries(1):
        cards = cards_for_hits(catalogue, hits)
        shown = [(card.url, card.picture, card.notes, card.focus_tags) for card in cards.values()]

    assert len(shown) == size


class CardsAgree(TestCase):
    """Whoever is asked, the database or what is kept in memory, the cards are the same."""

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(studio=studios)
    def test_from_memory_and_from_the_database(self, studio):
        build(studio)
        kept = keeping.load()
        asked = SqlCatalogue(kept.version)

        for hits in (kept.page(Choices(), 1), asked.page(Choices(language=("es",)), 1)):
            assert cards_for_hits(kept, hits) == cards_for_hits(asked, hits)

        classes = WorkoutClass.objects.for_cards().in_bulk()
        for card in cards_for_hits(kept, kept.page(Choices(), 1)).values():
            workout_class = classes[card.class_id]
            variant = card.film and next(
                each for each in workout_class.ready_variants if each.pk == card.film.variant_id
            )
            assert card.url == (variant or workout_class).get_absolute_url()
            assert card.instructors == tuple(
                person.name for person in workout_class.instructors.all()
            )
