"""The list of classes: filters, columns, and what is done to many at once."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from classes.models import Picture, State, Video, WorkoutClass
from tests.factories import (
    make_chapter,
    make_checked_class,
    make_class,
    make_exercise,
    make_focus_tag,
    make_instructor,
    make_movement,
    make_variant,
    make_video,
)

from .conftest import messages_of

LIST = reverse("admin:classes_workoutclass_changelist")


def shown(desk, **parameters) -> set[str]:
    return {row.title for row in desk.get(LIST, parameters).context["cl"].result_list}


def act(desk, action: str, *classes: WorkoutClass, **answer):
    data = {"action": action, "_selected_action": [row.pk for row in classes], **answer}
    return desk.post(LIST, data, follow=True)


def make_complete_draft(**attrs) -> WorkoutClass:
    return make_class(
        state=State.DRAFT,
        published_at=None,
        description="Here",
        instructors=[make_instructor()],
        poster=Picture.objects.create(width=640, height=360, widths=[320]),
        **attrs,
    )


@pytest.mark.parametrize("count", [1, 8])
def test_class_list_query_count_is_constant(desk, django_assert_num_queries, count):
    for number in range(count):
        tag = make_focus_tag(forbids=[make_movement()])
        row = make_checked_class(focus_tags=[tag], instructors=[make_instructor()])
        video = make_video(
            make_variant(row, language="es", ready=False),
            state=Video.State.FAILED,
            duration=None,
        )
        assert video.pk, number
    desk.get(LIST)

    with django_assert_num_queries(18):
        desk.get(LIST)


def test_state_filter_tells_the_scheduled_from_the_published(desk):
    make_class(title="Out")
    make_class(title="Soon", published_at=timezone.now() + timedelta(days=1))
    make_class(title="Not yet", state=State.DRAFT, published_at=None)
    make_class(title="Gone", state=State.RETIRED)

    assert shown(desk, state="published") == {"Out"}
    assert shown(desk, state="scheduled") == {"Soon"}
    assert shown(desk, state="draft") == {"Not yet"}
    assert shown(desk, state="retired") == {"Gone"}


def test_film_filter_finds_what_is_missing_going_on_and_broken(desk):
    make_class(title="Ready")
    make_class(title="None", variant=False)
    for title, state in [("Works", Video.State.PROCESSING), ("Broken", Video.State.FAILED)]:
        variant = make_variant(make_class(title=title, variant=False), ready=False)
        make_video(variant, state=state, duration=None)

    assert shown(desk, film="ready") == {"Ready"}
    assert shown(desk, film="none") == {"None", "Works", "Broken"}
    assert shown(desk, film="works") == {"Works"}
    assert shown(desk, film="failed") == {"Broken"}


def test_failure_that_a_newer_film_made_good_is_over(desk):
    row = make_class(variant=False)
    variant = make_variant(row, ready=False)
    make_video(variant, state=Video.State.FAILED, duration=None)
    variant.video = make_video(variant)
    variant.save()

    assert shown(desk, film="failed") == set()


def test_check_filter_finds_promises_and_contradictions(desk):
    twisting = make_movement()
    tag = make_focus_tag(forbids=[twisting])
    make_checked_class(title="Vouched", focus_tags=[tag])
    make_class(title="Promised", focus_tags=[tag])
    make_class(title="Broken", focus_tags=[tag], movements=[twisting])
    make_class(title="Withdrawn", check_withdrawn="A new film")

    assert shown(desk, check="checked") == {"Vouched"}
    assert shown(desk, check="unchecked") == {"Promised", "Broken", "Withdrawn"}
    assert shown(desk, check="promised") == {"Promised"}
    assert shown(desk, check="contradiction") == {"Broken"}
    assert shown(desk, check="withdrawn") == {"Withdrawn"}


@pytest.mark.parametrize("name", ["state", "film", "check"])
def test_filter_value_that_means_nothing_is_ignored(desk, name):
    make_class(title="Here")

    assert shown(desk, **{name: "nonsense"}) == {"Here"}


def test_search_finds_by_title_and_by_instructor(desk):
    make_class(title="Mermaids", instructors=[make_instructor(name="Ada")])
    make_class(title="Swan")

    assert shown(desk, q="merm") == {"Mermaids"}
    assert shown(desk, q="Ada") == {"Mermaids"}


def test_columns_say_what_is_scheduled_and_what_is_not_vouched_for(desk):
    tag = make_focus_tag(name="Spine Safe", forbids=[make_movement()])
    make_class(focus_tags=[tag], published_at=timezone.now() + timedelta(days=1))

    page = desk.get(LIST).content.decode()

    assert "Scheduled" in page
    assert "Spine Safe: not vouched for" in page


def test_contradictions_are_listed_with_the_exercise_and_its_time(desk):
    twisting = make_movement(name="Twisting")
    tag = make_focus_tag(name="Spine Safe")
    row = make_class(focus_tags=[tag])
    saw = make_exercise(name="Saw", movements=[twisting])
    make_chapter(row.variants.get(), 754, 800, exercise=saw)
    tag.forbids.add(twisting)  # a rule that changed later

    page = desk.get(LIST, {"check": "contradiction"}).content.decode()

    assert "“Spine Safe” forbids what the class contains: Twisting (Saw at 12:34 in" in page


@pytest.mark.parametrize("count", [1, 8])
def test_contradictions_cost_a_constant_number_of_queries(desk, django_assert_num_queries, count):
    for _ in range(count):
        twisting = make_movement()
        row = make_class(focus_tags=[make_focus_tag(forbids=[twisting])], movements=[twisting])
        saw = make_exercise(movements=[twisting])
        make_chapter(row.variants.get(), 0, 60, exercise=saw, adds=[twisting])
    desk.get(LIST)

    with django_assert_num_queries(23):
        desk.get(LIST)


def test_class_that_retires_by_itself_is_shown_and_found_as_what_it_is(desk):
    now = timezone.now()
    make_class(title="Leaving", retires_at=now + timedelta(days=3))
    make_class(title="Left", published_at=now - timedelta(days=9), retires_at=now)
    make_class(title="Gone", state=State.RETIRED)
    make_class(title="Staying")

    assert shown(desk, state="retiring") == {"Leaving"}
    assert shown(desk, state="retired") == {"Left", "Gone"}
    assert shown(desk, state="published") == {"Leaving", "Staying"}
    page = desk.get(LIST, {"q": "Leaving"}).content.decode()
    assert "until " in page
    assert "mark-retired" in desk.get(LIST, {"q": "Left"}).content.decode()


# --- Many at once -------------------------------------------------------------------------------


def test_bulk_publishing_takes_the_complete_and_names_the_others(desk):
    complete = make_complete_draft(title="Whole")
    empty = make_class(title="Empty", variant=False, state=State.DRAFT, published_at=None)

    response = act(desk, "publish_selected", complete, empty)

    said = messages_of(response)
    assert "Published: Whole." in said
    assert "<b>Empty</b>: No film is ready." in said
    assert set(WorkoutClass.objects.listed()) == {complete}


def test_bulk_retiring_names_drafts(desk):
    public, draft = make_class(title="Out"), make_complete_draft(title="Draft")

    response = act(desk, "retire_selected", public, draft)

    public.refresh_from_db()
    assert public.state == State.RETIRED
    assert "<b>Draft</b>: Only a published class can be retired." in messages_of(response)


def test_bulk_freeing_is_in_the_history(desk, curator):
    row = make_class()

    act(desk, "make_free", row)

    row.refresh_from_db()
    assert row.is_free
    assert row.history.first().history_user == curator

    act(desk, "end_free", row)

    row.refresh_from_db()
    assert not row.is_free


def test_adding_a_tag_asks_which(desk):
    tag, row = make_focus_tag(name="Calm"), make_class(title="Morning")

    page = act(desk, "add_tag", row).content.decode()

    assert "Calm" in page and "Morning" in page
    assert f'name="_selected_action" value="{row.pk}"' in page
    assert not row.focus_tags.contains(tag)


def test_adding_a_tag_refuses_contradictions_by_name(desk):
    twisting = make_movement(name="Twisting")
    tag = make_focus_tag(name="Spine Safe", forbids=[twisting])
    calm, twisted = make_class(title="Calm"), make_class(title="Twisted", movements=[twisting])
    sawing = make_class(title="Sawing")
    saw = make_exercise(name="Saw", movements=[twisting])
    make_chapter(sawing.variants.get(), 754, 800, exercise=saw)

    response = act(desk, "add_tag", calm, twisted, sawing, tag=tag.pk)

    said = messages_of(response)
    assert "<b>Sawing</b>: “Spine Safe” forbids what the class contains: Twisting (Saw at" in said
    assert "12:34 in Workout Tempo · en)." in said
    assert "“Spine Safe” added to Calm." in said
    assert "<b>Twisted</b>: “Spine Safe” forbids what the class contains: Twisting (" in said
    assert list(tag.classes.all()) == [calm]


def test_removing_a_tag_takes_it_from_those_that_carry_it(desk):
    tag = make_focus_tag()
    carrying, other = make_class(focus_tags=[tag]), make_class()

    response = act(desk, "remove_tag", carrying, other, tag=tag.pk)

    assert not tag.classes.exists()
    assert "removed from 1 class." in messages_of(response)


@pytest.mark.parametrize("answer", ["", "x", "999999", "9" * 40])
def test_answer_that_is_no_tag_is_asked_again(desk, answer):
    make_focus_tag()

    page = act(desk, "add_tag", make_class(), tag=answer).content.decode()

    assert "Choose a tag." in page


def test_who_may_only_look_is_offered_no_action(client, curator):
    curator.groups.clear()
    from django.contrib.auth.models import Permission

    curator.user_permissions.add(Permission.objects.get(codename="view_workoutclass"))
    client.force_login(type(curator).objects.get(pk=curator.pk))
    row = make_complete_draft()

    act(client, "publish_selected", row)

    row.refresh_from_db()
    assert row.state == State.DRAFT
