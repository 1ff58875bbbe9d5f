from datetime import UTC, datetime

import pytest
from django.utils import translation

from classes.body.timeline_text import BodyVocabulary
from classes.models import (
    Apparatus,
    AvoidSet,
    Exercise,
    FocusTag,
    Level,
    Movement,
    Prop,
    Tempo,
)
from classes.taxonomy import load_taxonomy, read_taxonomy

KINDS = ("movements", "exercises", "focus_tags", "avoid_sets", "apparatus", "props")


@pytest.mark.parametrize("kind", KINDS)
def test_every_term_has_a_spanish_name_of_its_own(kind):
    rows = read_taxonomy()[kind]

    for column in (
        [row["slug"] for row in rows],
        [row["name"] for row in rows],
        [row["names"]["es"] for row in rows],
    ):
        assert all(column)
        assert len(set(column)) == len(column)


def test_movements_and_focus_tags_are_described_in_both_languages():
    for kind in ("movements", "focus_tags"):
        for row in read_taxonomy()[kind]:
            assert row["description"]
            assert row["descriptions"]["es"]


def test_exercises_tags_and_avoid_sets_name_known_movements():
    written = read_taxonomy()
    known = {row["slug"] for row in written["movements"]}

    for kind, key in (
        ("exercises", "movements"),
        ("focus_tags", "forbids"),
        ("avoid_sets", "movements"),
    ):
        for row in written[kind]:
            assert set(row[key]) <= known


def test_levels_and_tempos_are_those_of_the_models():
    written = read_taxonomy()

    with translation.override("en"):
        assert [(row["value"], row["label"]) for row in written["tempos"]] == Tempo.choices
        assert [(row["value"], row["label"], row["asks"]) for row in written["levels"]] == [
            (level.value, level.label, level.asks) for level in Level
        ]


@pytest.mark.django_db
def test_load_taxonomy_creates_every_term_in_the_order_of_the_data():
    counts = load_taxonomy()

    assert counts == {
        "movements": 16,
        "exercises": 77,
        "focus_tags": 27,
        "avoid_sets": 8,
        "apparatus": 15,
        "props": 15,
    }
    assert Apparatus.objects.first().name == "Mat"
    assert Prop.objects.get(slug="strap").substitutes == {"es": "un cinturón o un pañuelo largo"}
    spine_safe = FocusTag.objects.first()
    assert spine_safe.names == {"es": "Columna segura"}
    assert {movement.slug for movement in spine_safe.forbids.all()} == {
        "forward-bending",
        "twisting",
        "rolling",
    }


@pytest.mark.django_db
def test_load_taxonomy_brings_exercises_in_the_classical_order_with_what_they_involve():
    load_taxonomy()

    classical = Exercise.objects.filter(family=Exercise.Family.RETURN_TO_LIFE)
    assert [exercise.position for exercise in classical] == list(range(1, 35))
    assert [exercise.name for exercise in classical[:2]] == ["Hundred", "Roll Up"]
    saw = Exercise.objects.get(slug="saw")
    assert saw.names == {"es": "La sierra"}
    assert {movement.slug for movement in saw.movements.all()} == {"forward-bending", "twisting"}
    assert "Single Leg Stretch" in Exercise.objects.get(slug="one-leg-stretch").aliases


@pytest.mark.django_db
def test_load_taxonomy_brings_starter_sets():
    load_taxonomy()

    knees = AvoidSet.objects.get(slug="knees")
    assert knees.names == {"es": "Rodillas"}
    assert {movement.slug for movement in knees.movements.all()} == {
        "kneeling",
        "deep-knee-bend",
        "jumping",
    }


@pytest.mark.django_db
def test_no_two_exercises_answer_to_one_name():
    load_taxonomy()
    vocabulary = BodyVocabulary.load()

    for row in read_taxonomy()["exercises"]:
        for name in (row["slug"], row["name"], row["names"]["es"], *row.get("aliases", ())):
            assert [found.slug for found in vocabulary.exercises.meant_by(name)] == [row["slug"]]


@pytest.mark.django_db
def test_load_taxonomy_again_creates_nothing():
    load_taxonomy()

    assert set(load_taxonomy().values()) == {0}


@pytest.mark.django_db
def test_load_taxonomy_keeps_what_the_studio_edited():
    load_taxonomy()
    Movement.objects.filter(slug="twisting").update(slug="rotation", description="Ours")
    Prop.objects.filter(slug="wall").update(name="A free wall")
    saw = Exercise.objects.get(slug="saw")
    saw.movements.clear()
    saw.move_to("our-saw")
    Exercise.objects.filter(pk=saw.pk).update(name="Our Saw")
    AvoidSet.objects.get(slug="knees").movements.clear()
    spine_safe = FocusTag.objects.get(slug="spine-safe")
    spine_safe.forbids.clear()
    spine_safe.move_to("careful-backs")
    FocusTag.objects.filter(pk=spine_safe.pk).update(name="Careful backs")

    counts = load_taxonomy()

    assert set(counts.values()) == {0}
    assert Movement.objects.get(slug="rotation").description == "Ours"
    assert not FocusTag.objects.get(slug="careful-backs").forbids.exists()
    assert not Exercise.objects.get(slug="our-saw").movements.exists()
    assert not AvoidSet.objects.get(slug="knees").movements.exists()


@pytest.mark.django_db
def test_load_taxonomy_brings_back_a_missing_tag_with_its_rule_whatever_movements_are_called():
    load_taxonomy()
    FocusTag.objects.get(slug="wrist-free").delete()
    Movement.objects.filter(slug="wrist-loading").update(slug="hands")

    counts = load_taxonomy()

    assert {kind: count for kind, count in counts.items() if count} == {"focus_tags": 1}
    assert FocusTag.objects.get(slug="wrist-free").forbids.get().slug == "hands"


@pytest.mark.django_db
def test_movements_are_defined_when_the_caller_says():
    before = datetime(2024, 1, 1, tzinfo=UTC)

    load_taxonomy(defined_at=before)

    assert set(Movement.objects.values_list("defined_at", flat=True)) == {before}
