"""What the group may do, tried by walking every page as one of its members."""

import pytest
from django.contrib import admin
from django.urls import reverse

from classes.models import (
    Apparatus,
    AvoidSet,
    Exercise,
    FocusTag,
    Instructor,
    Movement,
    Prop,
    Variant,
    WorkoutClass,
)
from tests.factories import (
    make_apparatus,
    make_avoid_set,
    make_checked_class,
    make_class,
    make_exercise,
    make_focus_tag,
    make_instructor,
    make_member,
    make_movement,
    make_prop,
)

CATALOGUE = [
    Apparatus,
    AvoidSet,
    Exercise,
    FocusTag,
    Instructor,
    Movement,
    Prop,
    Variant,
    WorkoutClass,
]


@pytest.fixture
def studio(db):
    twisting = make_movement(name="Twisting")
    tag = make_focus_tag(name="Spine Safe", forbids=[twisting])
    make_apparatus()
    make_prop()
    make_avoid_set(movements=[twisting])
    make_exercise(movements=[twisting])
    make_checked_class(focus_tags=[tag], instructors=[make_instructor()])
    make_class(focus_tags=[tag], movements=[twisting])


@pytest.mark.parametrize("model", CATALOGUE)
def test_curator_opens_every_page_of_the_catalogue(desk, studio, model):
    row = model.objects.first()
    names = [("changelist", []), ("change", [row.pk]), ("history", [row.pk])]
    if model is not Variant:
        names.append(("add", []))

    for name, args in names:
        address = reverse(f"admin:classes_{model._meta.model_name}_{name}", args=args)
        response = desk.get(address)
        assert response.status_code == 200, address
        assert "style=" not in response.content.decode(), address
        assert "onclick=" not in response.content.decode(), address


def test_curator_opens_what_stands_around_a_class(desk, studio):
    workout_class = WorkoutClass.objects.first()

    for address in [
        reverse("admin:index"),
        reverse("admin:app_list", args=["classes"]),
        reverse("admin:classes_check", args=[workout_class.pk]),
        reverse("admin:classes_timeline", args=[workout_class.variants.first().pk]),
        reverse("admin:classes_films", args=[workout_class.pk]),
        reverse("admin:classes_workoutclass_import"),
        reverse("admin:classes_workoutclass_export"),
    ]:
        assert desk.get(address).status_code == 200, address


def test_everything_registered_for_the_catalogue_is_walked():
    registered = {model for model in admin.site._registry if model._meta.app_label == "classes"}

    assert registered == set(CATALOGUE)


def test_curator_neither_deletes_members_nor_hands_out_rights(curator):
    for right in ("accounts.delete_member", "auth.change_group", "auth.change_permission"):
        assert not curator.has_perm(right), right


def test_member_is_asked_to_sign_in_as_somebody_else(client, db):
    client.force_login(make_member())

    response = client.get(reverse("admin:classes_workoutclass_changelist"))

    assert response.status_code != 200


@pytest.mark.parametrize("name", ["check", "films"])
def test_staff_without_the_group_see_nothing_around_a_class(client, studio, name):
    client.force_login(make_member(is_staff=True))

    pk = WorkoutClass.objects.first().pk

    assert client.get(reverse(f"admin:classes_{name}", args=[pk])).status_code == 403


@pytest.mark.parametrize("name", ["changelist", "export", "import"])
def test_staff_without_the_group_see_no_classes(client, studio, name):
    client.force_login(make_member(is_staff=True))

    assert client.get(reverse(f"admin:classes_workoutclass_{name}")).status_code == 403


def test_staff_without_the_group_do_not_write_descriptions(client, db):
    client.force_login(make_member(is_staff=True))

    response = client.post(reverse("admin:classes_markdown"), {"text": "x"})

    assert response.status_code == 403
