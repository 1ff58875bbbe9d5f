"""The vocabulary: names in several languages, rules, and what a redefinition costs."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from classes.body.vouching import is_vouched
from classes.models import Apparatus, FocusTag, Movement, Prop
from tests.factories import (
    make_apparatus,
    make_checked_class,
    make_class,
    make_focus_tag,
    make_instructor,
    make_movement,
    make_prop,
)

from .conftest import messages_of


def page_of(row) -> str:
    return reverse(f"admin:classes_{row._meta.model_name}_change", args=[row.pk])


def submitted(row, **changes) -> dict:
    data = {"name": row.name, "slug": row.slug, "position": row.position}
    for name in ("description", "substitute", "bio"):
        if hasattr(row, name):
            data[name] = getattr(row, name)
    if isinstance(row, FocusTag):
        data["forbids"] = [movement.pk for movement in row.forbids.all()]
    return {**data, **changes}


def test_each_other_language_has_a_box_of_its_own(desk):
    tag = make_focus_tag(names={"es": "Espalda sana"})

    page = desk.get(page_of(tag)).content.decode()

    assert 'value="Espalda sana"' in page
    assert 'lang="es"' in page
    assert 'lang="en"' not in page.split("<form", 1)[1]


def test_boxes_become_translations_and_empty_ones_none(desk):
    prop = make_prop(names={"es": "Aro"}, substitutes={"es": "una toalla"})

    desk.post(page_of(prop), submitted(prop, names_es="Aro mágico", substitutes_es=""))

    prop.refresh_from_db()
    assert prop.names == {"es": "Aro mágico"}
    assert prop.substitutes == {}


def test_translation_into_a_language_the_site_does_not_speak_is_kept(desk):
    mat = make_apparatus(names={"de": "Matte"})

    desk.post(page_of(mat), submitted(mat, names_es="Colchoneta"))

    mat.refresh_from_db()
    assert mat.names == {"de": "Matte", "es": "Colchoneta"}


def test_too_long_a_translation_is_refused(desk):
    mat = make_apparatus()

    response = desk.post(page_of(mat), submitted(mat, names_es="x" * 61))

    assert "at most 60 characters" in response.content.decode()


@pytest.mark.parametrize(
    ("model", "name"),
    [(Apparatus, "Mat"), (Prop, "Wall"), (Movement, "Twisting"), (FocusTag, "Calm")],
)
def test_new_term_gets_its_address_from_its_name(desk, model, name):
    response = desk.post(
        reverse(f"admin:classes_{model._meta.model_name}_add"),
        {"name": name, "slug": "", "position": 0},
    )

    assert response.status_code == 302
    assert model.objects.get().slug == name.lower()


@pytest.mark.parametrize("make", [make_apparatus, make_prop, make_movement])
def test_address_of_a_term_without_page_is_never_changed(desk, make):
    term = make(slug="here")

    desk.post(page_of(term), submitted(term, slug="there"))

    term.refresh_from_db()
    assert term.slug == "here"


@pytest.mark.parametrize("make", [make_focus_tag, make_instructor])
def test_address_with_a_page_moves_and_redirects(desk, make):
    row = make(slug="here")

    desk.post(page_of(row), submitted(row, slug="there"))

    assert type(row).moved_from("here") == row


@pytest.mark.parametrize("make", [make_focus_tag, make_instructor])
def test_former_address_of_another_page_is_refused_in_words(desk, make):
    first, second = make(slug="here", name="First"), make(slug="elsewhere")
    first.move_to("there")

    response = desk.post(page_of(second), submitted(second, slug="here"))

    assert "“First” had this address" in response.content.decode()


@pytest.mark.parametrize("make", [make_focus_tag, make_apparatus, make_prop, make_movement])
@pytest.mark.parametrize("count", [1, 8])
def test_term_list_query_count_is_constant(desk, django_assert_num_queries, make, count):
    for _ in range(count):
        row = make()
        make_class(movements=[row]) if make is make_movement else make_class()
    address = reverse(f"admin:classes_{row._meta.model_name}_changelist")
    expected = 8 if make in (make_focus_tag, make_movement) else 7

    with django_assert_num_queries(expected):
        desk.get(address)


# --- Rules --------------------------------------------------------------------------------------


def test_rule_takes_effect_at_once_and_says_how_many_it_hits(desk):
    twisting = make_movement()
    tag = make_focus_tag(name="Spine Safe")
    make_class(focus_tags=[tag], movements=[twisting])
    make_class(focus_tags=[tag])

    response = desk.post(page_of(tag), submitted(tag, forbids=[twisting.pk]), follow=True)

    assert "1 class carries “Spine Safe” and contains what it forbids." in messages_of(response)


def test_tag_page_counts_the_classes_that_contradict_it(desk):
    twisting = make_movement()
    tag = make_focus_tag(forbids=[twisting])
    make_class(focus_tags=[tag], movements=[twisting])

    page = desk.get(page_of(tag)).content.decode()

    assert f"?focus_tags__id__exact={tag.pk}&amp;check=contradiction" in page or (
        f"?focus_tags__id__exact={tag.pk}&check=contradiction" in page
    )
    assert "1 class" in page


def test_rule_is_in_the_history_of_its_tag(desk, curator):
    tag, twisting = make_focus_tag(), make_movement(name="Twisting")
    desk.post(page_of(tag), submitted(tag, forbids=[twisting.pk]))

    page = desk.get(reverse("admin:classes_focustag_history", args=[tag.pk])).content.decode()

    assert "Twisting" in page
    assert "Ines" in page


def test_redefined_movement_costs_vouching_and_says_so_before_and_after(desk):
    twisting = make_movement(name="Twisting")
    tag = make_focus_tag(forbids=[twisting])
    workout_class = make_checked_class(
        focus_tags=[tag], checked_at=timezone.now() - timedelta(hours=1)
    )
    assert "1 class is vouched for by a tag" in desk.get(page_of(twisting)).content.decode()

    response = desk.post(page_of(twisting), submitted(twisting, redefined="on"), follow=True)

    assert "1 class waits to be checked again" in messages_of(response)
    workout_class.refresh_from_db()
    assert not is_vouched(workout_class, FocusTag.objects.get())


def test_corrected_spelling_costs_nothing(desk):
    twisting = make_movement()
    before = twisting.defined_at

    desk.post(page_of(twisting), submitted(twisting, name="Twisting"))

    twisting.refresh_from_db()
    assert (twisting.name, twisting.defined_at) == ("Twisting", before)


def test_movement_that_a_tag_forbids_is_not_deleted(desk):
    twisting, other = make_movement(), make_movement()
    make_focus_tag(forbids=[twisting])

    for movement in (twisting, other):
        address = reverse("admin:classes_movement_delete", args=[movement.pk])
        desk.post(address, {"post": "yes"})

    assert list(Movement.objects.all()) == [twisting]


def test_movements_that_a_tag_forbids_survive_deletion_in_bulk(desk):
    twisting = make_movement()
    make_focus_tag(forbids=[twisting])

    desk.post(
        reverse("admin:classes_movement_changelist"),
        {"action": "delete_selected", "_selected_action": [twisting.pk], "post": "yes"},
    )

    assert Movement.objects.exists()
