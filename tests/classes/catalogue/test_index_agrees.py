"""The index in memory against the catalogue's SQL, whatever was changed and however."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from classes.body.vouching import is_checked_for, vouched_tags
from classes.catalogue import Choices, Found, Sort, SqlCatalogue, bitmaps, keeping, parse, sql
from classes.catalogue.bitmaps import BitmapCatalogue
from classes.models import (
    FocusTag,
    Instructor,
    Level,
    Movement,
    Prop,
    State,
    Tempo,
    Variant,
    Video,
    WorkoutClass,
)
from tests.classes.catalogue import studios
from tests.factories import (
    make_class,
    make_focus_tag,
    make_member,
    make_movement,
    make_variant,
)

TAGS = ["strong", "spine-safe", "no-twist", "unheard-of"]


def assert_agree(choices: Choices, found: Found | None) -> None:
    index, database = both()

    assert index.count(choices, found) == database.count(choices, found)
    assert index.count_each([choices], found) == database.count_each([choices], found)
    for sort in Sort:
        in_order = replace(choices, sort=sort)
        assert index.page(in_order, 1, found) == database.page(in_order, 1, found), sort


def assert_agree_beside_and_on_shelves(avoids: list[str]) -> None:
    index, database = both()
    classes = list(WorkoutClass.objects.for_cards())

    assert index.vocabulary == database.vocabulary
    assert index.newest_by_focus(TAGS, 2, avoids) == database.newest_by_focus(TAGS, 2, avoids)
    for pk in [0, *(row.pk for row in classes)]:
        assert index.similar(pk, 3, avoids) == database.similar(pk, 3, avoids)
    for row in classes:
        people = [(person.slug, person.name) for person in row.instructors.all()]
        assert index.instructors_of(row.pk) == people
        assert index.vouched_tags_of(row.pk) == [tag.slug for tag in vouched_tags(row)]


def assert_safe(choices: Choices) -> None:
    """Nothing that is shown contains what is avoided, or was not checked for it."""
    index, _sql = both()
    avoided = list(Movement.objects.filter(slug__in=choices.avoids))
    hits = [
        *index.page(replace(choices, q="", unchecked=False, sort=Sort.NEWEST, page=1), 1),
        *(hit for hits in index.newest_by_focus(TAGS, 9, choices.avoids).values() for hit in hits),
        *(
            alike.hit
            for pk in WorkoutClass.objects.values_list("pk", flat=True)
            for alike in index.similar(pk, 9, choices.avoids)
        ),
    ]
    shown = WorkoutClass.objects.for_cards().in_bulk({hit.class_id for hit in hits})
    assert len(shown) == len({hit.class_id for hit in hits})
    for row in shown.values():
        assert set(row.movements.all()).isdisjoint(avoided)
        assert not avoided or is_checked_for(row, avoided)


def both() -> tuple[BitmapCatalogue, SqlCatalogue]:
    index = keeping.current()
    assert isinstance(index, BitmapCatalogue)
    return index, SqlCatalogue(index.version)


def nth(model: type, number: int):
    rows = list(model.objects.order_by("pk"))
    return rows[number % len(rows)] if rows else None


# --- What happens to a studio -------------------------------------------------------------------


def on_a_class(act: Callable) -> Callable[[int, int], None]:
    """By the number of a class and another one, which chooses what happens to it."""

    def edit(number: int, way: int) -> None:
        if workout_class := nth(WorkoutClass, number):
            act(workout_class, way)

    edit.__name__ = act.__name__
    return edit


@on_a_class
def publish_at_another_time(workout_class, way):
    workout_class.published_at = timezone.now() - timedelta(days=way % 4 - 1)
    workout_class.retires_at = None
    workout_class.state = list(State)[way % 3]
    workout_class.save()


@on_a_class
def set_an_end(workout_class, way):
    begins = workout_class.published_at or timezone.now()
    ends = begins + timedelta(hours=way * 12 + 1)
    WorkoutClass.objects.filter(pk=workout_class.pk).update(retires_at=ends)


@on_a_class
def unpublish(workout_class, way):
    WorkoutClass.objects.filter(pk=workout_class.pk).update(
        state=State.DRAFT, published_at=None, retires_at=None
    )


@on_a_class
def change_level_and_comments(workout_class, way):
    WorkoutClass.objects.filter(pk=workout_class.pk).update(
        level=list(Level)[way % len(Level)], comment_count=way * 300
    )


@on_a_class
def tick(workout_class, way):
    workout_class.ticked_movements.set(Movement.objects.order_by("pk")[way % 3 : way % 5])
    workout_class.movements.set(Movement.objects.order_by("pk")[way % 3 : way % 5])


@on_a_class
def tag(workout_class, way):
    workout_class.focus_tags.set(FocusTag.objects.order_by("pk")[way % 3 :])
    workout_class.props.set(Prop.objects.order_by("pk")[: way % 3])
    workout_class.instructors.set(Instructor.objects.order_by("pk")[way % 2 :])


@on_a_class
def check(workout_class, way):
    workout_class.__class__.objects.filter(pk=workout_class.pk).update(
        checked_at=timezone.now() - timedelta(days=way), checked_by=make_member(is_staff=True)
    )


@on_a_class
def delete(workout_class, way):
    workout_class.delete()


@on_a_class
def bring_a_film(workout_class, way):
    language = studios.LANGUAGES[way % 4]
    tempo = list(Tempo)[way % 2]
    if not workout_class.variants.filter(language=language, tempo=tempo).exists():
        seconds = timedelta(seconds=studios.SECONDS[way % 10])
        make_variant(workout_class, tempo=tempo, language=language, duration=seconds)


def add_a_class(number: int, way: int) -> None:
    make_class(published_at=timezone.now() - timedelta(days=way % 4 - 1))


def change_a_film(number: int, way: int) -> None:
    if variant := nth(Variant, number):
        match way % 4:
            case 0:
                variant.delete()
            case 1:
                Variant.objects.filter(pk=variant.pk).update(video=None)
            case 2:
                Video.objects.filter(pk=variant.video_id).update(duration=timedelta(seconds=way))
            case 3:
                Video.objects.filter(variant=variant).delete()


def change_many(number: int, way: int) -> None:
    WorkoutClass.objects.filter(pk__gt=number).update(comment_count=way)


def change_by_hand(number: int, way: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE classes_workoutclass SET level = 'open', comment_count = %s WHERE id %% 2 = %s",
            [way, number % 2],
        )


def define_anew(number: int, way: int) -> None:
    defined_at = timezone.now() - timedelta(days=way)
    Movement.objects.filter(pk=nth(Movement, number).pk).update(defined_at=defined_at)


def change_a_rule(number: int, way: int) -> None:
    nth(FocusTag, number).forbids.set(Movement.objects.order_by("pk")[way % 4 : way % 7])


def change_words(number: int, way: int) -> None:
    match way % 4:
        case 0:
            Instructor.objects.filter(pk=nth(Instructor, number).pk).update(position=way)
        case 1:
            make_focus_tag(forbids=[make_movement()]).classes.set(WorkoutClass.objects.all())
        case 2:
            FocusTag.objects.filter(slug="strong").update(name=f"Strong {number}", position=way)
        case 3:
            Prop.objects.filter(slug="ball").delete()


EDITS = [
    *(publish_at_another_time, set_an_end, unpublish, change_level_and_comments, tick, tag),
    *(check, delete, bring_a_film, add_a_class, change_a_film, change_many, change_by_hand),
    *(define_anew, change_a_rule, change_words),
]
edits = st.lists(
    st.tuples(st.sampled_from(EDITS), st.integers(0, 6), st.integers(0, 9)), max_size=4
)


class AgreesWithSql(TestCase):
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        studio=studios.studios,
        asked=st.lists(
            st.tuples(studios.parameters, studios.searches, studios.avoids, studios.done, edits),
            min_size=1,
            max_size=4,
        ),
    )
    def test_over_random_studios_addresses_and_edits(self, studio, asked):
        studios.build(studio)
        for pairs, search, saved, places_done, edits in asked:
            for edit, number, way in edits:
                edit(number, way)
            class_ids = list(WorkoutClass.objects.values_list("pk", flat=True).order_by("pk"))
            choices, _ = parse(studios.encoded(pairs), keeping.current().vocabulary, saved)
            found = Found([class_ids[place] for place in search if place < len(class_ids)])
            done = [class_ids[place] for place in places_done if place < len(class_ids)]

            assert_agree(choices, found)
            assert_agree(replace(choices, hides_done=True, done=done), found)
            assert_agree_beside_and_on_shelves(saved)
            assert_safe(choices)


@pytest.mark.django_db
@pytest.mark.parametrize("sort", list(Sort))
def test_pages_follow_each_other_as_those_of_the_database_do(monkeypatch, sort):
    monkeypatch.setattr(bitmaps, "PAGE_SIZE", 3)
    monkeypatch.setattr(sql, "PAGE_SIZE", 3)
    rows = []
    for number in range(10):
        row = make_class(
            published_at=timezone.now() - timedelta(days=number // 2),
            comment_count=number % 3,
            variant=False,
        )
        if number % 4:
            make_variant(row, duration=timedelta(seconds=600 + number % 2 + number % 3 / 10))
        rows.append(row.pk)
    choices = Choices(q="any", sort=sort)
    index, database = both()

    for found in (Found(rows[::-1]), Found(rows[:4]), Found(())):
        for number in (1, 2, 3, 4, 5):
            assert index.page(choices, number, found) == database.page(choices, number, found)


@pytest.mark.django_db
def test_words_need_what_the_search_found():
    index, _sql = both()

    with pytest.raises(ValueError, match="not what the search found"):
        index.count(Choices(q="spine"))


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["es", "fr"])
def test_first_film_follows_the_studios_language(settings, language):
    settings.STUDIO_LANGUAGE = language
    row = make_class()
    make_variant(row, language="es")
    make_variant(row, language="fr")

    index, database = both()

    assert index.page(Choices(), 1) == database.page(Choices(), 1)
    assert index.count(Choices()) == database.count(Choices())


@pytest.mark.django_db
def test_what_curators_do_in_admin_is_there_at_once(admin_client, settings):
    # The history package looks the class up once for each relation.
    settings.ZEAL_ALLOWLIST = [{"model": "classes.WorkoutClass", "field": "get()"}]
    kept, gone = make_class(), make_class()
    tag = make_focus_tag()
    both()
    classes = reverse("admin:classes_workoutclass_changelist")

    for action, rows, answer in (
        ("retire_selected", [gone], {}),
        ("add_tag", [kept], {"tag": tag.pk}),
    ):
        data = {"action": action, "_selected_action": [row.pk for row in rows], **answer}
        assert admin_client.post(classes, data).status_code == 302

    index, database = both()
    assert [hit.class_id for hit in index.page(Choices(focus=(tag.slug,)), 1)] == [kept.pk]
    assert index.count(Choices()) == database.count(Choices())
