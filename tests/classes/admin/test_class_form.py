"""The class page: what it saves, and what it refuses in words."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from classes.body import checking
from classes.models import Picture, State, WorkoutClass
from classes.models.video import pictures_folder
from tests.factories import (
    make_apparatus,
    make_checked_class,
    make_class,
    make_comment,
    make_focus_tag,
    make_instructor,
    make_movement,
    make_variant,
)

from .conftest import errors_of, messages_of, submitted

ADD = reverse("admin:classes_workoutclass_add")


def page_of(workout_class: WorkoutClass) -> str:
    return reverse("admin:classes_workoutclass_change", args=[workout_class.pk])


def make_poster() -> Picture:
    return Picture.objects.create(width=640, height=360, widths=[320, 640])


def make_complete(**attrs) -> WorkoutClass:
    attrs.setdefault("description", "For a quiet morning.")
    attrs.setdefault("instructors", [make_instructor()])
    attrs.setdefault("poster", make_poster())
    return make_class(**attrs)


# --- Saving -------------------------------------------------------------------------------------


def test_new_class_is_a_draft_with_an_address_from_its_title(desk):
    teacher, mat = make_instructor(), make_apparatus()

    response = desk.post(
        ADD, submitted(title="Slow & Gentle", instructors=[teacher.pk], apparatus=[mat.pk])
    )

    made = WorkoutClass.objects.get()
    assert response.status_code == 302
    assert (made.slug, made.state) == ("slow-gentle", State.DRAFT)
    assert list(made.instructors.all()) == [teacher]
    assert not made.variants.exists()


def test_title_without_latin_letters_asks_for_an_address(desk):
    response = desk.post(ADD, submitted(title="瑜伽"))

    assert "Latin letters" in errors_of(response)


def test_address_of_another_class_is_refused_by_name(desk):
    make_class(title="Morning Mat", slug="morning")

    response = desk.post(ADD, submitted(title="Morning"))

    assert "“Morning Mat” has this address" in errors_of(response)


def test_former_address_of_another_class_is_refused_by_name(desk):
    make_class(title="Evening Mat", slug="morning").move_to("evening")

    response = desk.post(ADD, submitted(title="Morning"))

    assert "“Evening Mat” had this address" in errors_of(response)


def test_changed_address_leaves_a_redirect_and_one_line_in_the_history(desk):
    workout_class = make_class(slug="old")
    before = workout_class.history.count()

    desk.post(page_of(workout_class), submitted(workout_class, slug="new"))

    workout_class.refresh_from_db()
    assert workout_class.slug == "new"
    assert WorkoutClass.moved_from("old") == workout_class
    assert workout_class.history.count() == before + 1


def test_class_may_move_back_to_its_own_former_address(desk):
    workout_class = make_class(slug="old")
    workout_class.move_to("new")

    desk.post(page_of(workout_class), submitted(workout_class, slug="old"))

    workout_class.refresh_from_db()
    assert workout_class.slug == "old"


def test_history_says_who_changed_what(desk, curator):
    workout_class = make_class(title="Morning")
    desk.post(page_of(workout_class), submitted(workout_class, title="Evening"))

    page = desk.get(reverse("admin:classes_workoutclass_history", args=[workout_class.pk]))

    text = page.content.decode()
    assert workout_class.history.first().history_user == curator
    assert "Morning" in text and "Evening" in text and "Ines" in text


def test_old_version_cannot_be_put_back(desk):
    workout_class = make_class(title="Morning")
    version = workout_class.history.first()
    address = reverse(
        "admin:classes_workoutclass_simple_history", args=[workout_class.pk, version.pk]
    )

    response = desk.post(address, submitted(workout_class, title="Evening"))

    workout_class.refresh_from_db()
    assert response.status_code == 302
    assert workout_class.title == "Morning"


def test_draft_may_be_deleted_and_a_public_class_may_not(desk):
    draft = make_class(state=State.DRAFT, published_at=None)
    public = make_class()

    def ask(row):
        address = reverse("admin:classes_workoutclass_delete", args=[row.pk])
        return desk.post(address, {"post": "yes"}).status_code

    assert (ask(draft), ask(public)) == (302, 403)
    assert list(WorkoutClass.objects.all()) == [public]


def test_public_classes_survive_deletion_in_bulk(desk):
    public = make_class()
    make_comment(public)

    desk.post(
        reverse("admin:classes_workoutclass_changelist"),
        {"action": "delete_selected", "_selected_action": [public.pk], "post": "yes"},
    )

    assert WorkoutClass.objects.contains(public)


def test_view_on_site_leads_staff_to_a_draft_and_others_nowhere(desk, client):
    draft = make_class(state=State.DRAFT, published_at=None)
    page = desk.get(page_of(draft)).content.decode()
    assert f'href="{draft.get_absolute_url()}"' in page

    assert desk.get(draft.get_absolute_url()).status_code == 200
    desk.logout()
    assert client.get(draft.get_absolute_url()).status_code == 404


# --- Promises -----------------------------------------------------------------------------------


def test_tag_that_forbids_what_is_ticked_is_refused_by_name(desk):
    twisting = make_movement(name="Twisting")
    tag = make_focus_tag(name="Spine Safe", forbids=[twisting])
    workout_class = make_class()

    response = desk.post(
        page_of(workout_class),
        submitted(workout_class, focus_tags=[tag.pk], ticked_movements=[twisting.pk]),
    )

    assert "“Spine Safe” forbids what the class contains: Twisting (ticked)." in errors_of(response)
    assert not workout_class.focus_tags.exists()


def test_changed_tick_takes_the_check_back_and_says_so(desk):
    tag = make_focus_tag(name="Spine Safe", forbids=[make_movement()])
    kneeling = make_movement(name="Kneeling")
    workout_class = make_checked_class(focus_tags=[tag])

    response = desk.post(
        page_of(workout_class),
        submitted(workout_class, ticked_movements=[kneeling.pk]),
        follow=True,
    )

    workout_class.refresh_from_db()
    assert not workout_class.is_checked
    said = messages_of(response)
    assert "+ Kneeling" in said
    assert "not shown under Spine Safe" in said


def test_other_edits_leave_the_check_alone(desk):
    workout_class = make_checked_class(movements=[make_movement()])

    desk.post(page_of(workout_class), submitted(workout_class, title="Another"))

    workout_class.refresh_from_db()
    assert workout_class.is_checked


def test_saving_does_not_give_back_a_check_taken_back_meanwhile(desk, monkeypatch):
    """As when the worker has shown a new film by the time that the row is ours to write."""
    workout_class = make_checked_class()

    def wait_for_the_worker(pk: int) -> None:
        WorkoutClass.objects.filter(pk=pk).update(checked_by=None, checked_at=None)

    monkeypatch.setattr(checking, "hold", wait_for_the_worker)
    desk.post(page_of(workout_class), submitted(workout_class, title="Evening"))

    workout_class.refresh_from_db()
    assert workout_class.title == "Evening"
    assert not workout_class.is_checked


# --- Publishing ---------------------------------------------------------------------------------


def test_publishing_an_empty_class_says_all_that_is_missing(desk):
    draft = make_class(variant=False, state=State.DRAFT, published_at=None)

    response = desk.post(page_of(draft), submitted(draft, state="published"))

    said = errors_of(response)
    for missing in ("No film", "no poster", "No instructor", "description is empty"):
        assert missing in said
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


def test_draft_is_saved_whatever_is_missing(desk):
    draft = make_class(variant=False, state=State.DRAFT, published_at=None)

    desk.post(page_of(draft), submitted(draft, title="Not yet"))

    draft.refresh_from_db()
    assert draft.title == "Not yet"


def test_complete_class_is_published_from_now_on(desk):
    draft = make_complete(state=State.DRAFT, published_at=None)

    desk.post(page_of(draft), submitted(draft, state="published"))

    assert WorkoutClass.objects.listed().contains(draft)


def test_what_is_submitted_counts_and_not_what_is_stored(desk, photo):
    draft = make_class(state=State.DRAFT, published_at=None)

    response = desk.post(
        page_of(draft),
        submitted(
            draft,
            state="published",
            description="Here",
            instructors=[make_instructor().pk],
            upload=photo,
        ),
    )

    assert response.status_code == 302, errors_of(response)
    assert WorkoutClass.objects.listed().contains(draft)


def test_date_in_the_future_schedules(desk):
    draft = make_complete(state=State.DRAFT, published_at=None)
    tomorrow = timezone.now() + timedelta(days=1)

    desk.post(
        page_of(draft),
        submitted(
            draft,
            state="published",
            published_at_0=f"{tomorrow:%Y-%m-%d}",
            published_at_1=f"{tomorrow:%H:%M:%S}",
        ),
    )

    draft.refresh_from_db()
    assert draft.is_scheduled


def test_publishing_again_keeps_the_date_when_none_is_given(desk):
    last_year = timezone.now() - timedelta(days=365)
    retired = make_complete(state=State.RETIRED, published_at=last_year)

    desk.post(
        page_of(retired),
        submitted(retired, state="published", published_at_0="", published_at_1=""),
    )

    retired.refresh_from_db()
    assert (retired.state, retired.published_at) == (State.PUBLISHED, last_year)


def test_promise_without_check_keeps_a_class_from_being_published(desk):
    tag = make_focus_tag(name="Spine Safe", forbids=[make_movement()])
    draft = make_complete(state=State.DRAFT, published_at=None, focus_tags=[tag])

    response = desk.post(page_of(draft), submitted(draft, state="published"))

    assert "nobody has checked the class" in errors_of(response)


def test_tick_and_publish_at_once_does_not_pass_on_the_old_check(desk):
    tag = make_focus_tag(name="Spine Safe", forbids=[make_movement()])
    kneeling = make_movement()
    draft = make_checked_class(
        state=State.DRAFT,
        published_at=None,
        focus_tags=[tag],
        description="Here",
        instructors=[make_instructor()],
        poster=make_poster(),
    )

    response = desk.post(
        page_of(draft), submitted(draft, state="published", ticked_movements=[kneeling.pk])
    )

    assert "nobody has checked the class" in errors_of(response)


def test_public_class_with_a_promise_may_still_change_its_ticks(desk):
    tag = make_focus_tag(forbids=[make_movement()])
    workout_class = make_checked_class(
        focus_tags=[tag], description="Here", instructors=[make_instructor()], poster=make_poster()
    )

    response = desk.post(
        page_of(workout_class), submitted(workout_class, ticked_movements=[make_movement().pk])
    )

    assert response.status_code == 302


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"description": ""}, "description is empty"),
        ({"instructors": []}, "No instructor is named"),
        ({"remove_picture": "on"}, "There is no poster"),
    ],
)
def test_public_class_keeps_what_publishing_asked_of_it(desk, change, sentence):
    workout_class = make_complete()

    response = desk.post(page_of(workout_class), submitted(workout_class, **change))

    assert sentence in errors_of(response)


def test_public_class_that_lacks_something_can_still_be_corrected(desk):
    workout_class = make_class(title="Mornin")  # no poster, no instructor: older than the rule

    desk.post(page_of(workout_class), submitted(workout_class, title="Morning"))

    workout_class.refresh_from_db()
    assert workout_class.title == "Morning"


def test_public_class_keeps_a_film(desk):
    workout_class = make_complete()

    response = desk.post(
        page_of(workout_class), submitted(workout_class, **{"variants-0-DELETE": "on"})
    )

    assert "retire it before" in errors_of(response)
    assert workout_class.variants.exists()


def test_draft_cannot_be_retired(desk):
    draft = make_complete(state=State.DRAFT, published_at=None)

    response = desk.post(page_of(draft), submitted(draft, state="retired"))

    assert "Only a published class can be retired." in errors_of(response)


def test_checklist_shows_what_is_there_and_what_is_not(desk):
    draft = make_class(state=State.DRAFT, published_at=None, instructors=[make_instructor()])

    page = desk.get(page_of(draft)).content.decode()

    assert "A film is ready." in page
    assert "There is no poster." in page


# --- Poster -------------------------------------------------------------------------------------


def test_poster_is_written_anew_without_what_the_phone_added(desk, photo):
    draft = make_class(state=State.DRAFT, published_at=None)

    desk.post(page_of(draft), submitted(draft, upload=photo))

    draft.refresh_from_db()
    folder = pictures_folder() / str(draft.poster.pk)
    with Image.open(folder / "320.jpg") as image:
        assert image.size == (320, 180)
        assert not image.getexif()


def test_new_poster_removes_the_old_one(desk, photo, django_capture_on_commit_callbacks):
    draft = make_class(state=State.DRAFT, published_at=None, poster=make_poster())
    old = pictures_folder() / str(draft.poster.pk)
    old.mkdir(parents=True)

    with django_capture_on_commit_callbacks(execute=True):
        desk.post(page_of(draft), submitted(draft, upload=photo))

    assert not old.exists()
    assert Picture.objects.count() == 1


def test_poster_can_be_taken_away(desk):
    draft = make_class(state=State.DRAFT, published_at=None, poster=make_poster())

    desk.post(page_of(draft), submitted(draft, remove_picture="on"))

    draft.refresh_from_db()
    assert draft.poster is None
    assert not Picture.objects.exists()


def test_file_that_is_no_picture_is_refused_and_leaves_nothing(desk):
    draft = make_class(state=State.DRAFT, published_at=None, title="Morning")
    text = SimpleUploadedFile("poster.jpg", b"these are words", "image/jpeg")

    response = desk.post(page_of(draft), submitted(draft, title="Evening", upload=text))

    assert "no picture that can be read" in errors_of(response)
    assert 'value="Evening"' in response.content.decode()
    assert not pictures_folder().exists()


def test_files_are_gone_when_saving_fails(desk, photo, monkeypatch):
    draft = make_class(state=State.DRAFT, published_at=None)
    monkeypatch.setattr("classes.admin.classes.WorkoutClassAdmin.log_change", lambda *args: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        desk.post(page_of(draft), submitted(draft, upload=photo))

    assert list(pictures_folder().iterdir()) == []
    assert not Picture.objects.exists()


# --- Description --------------------------------------------------------------------------------


def test_preview_shows_the_description_as_members_read_it(desk):
    address = reverse("admin:classes_markdown")

    response = desk.post(address, {"text": "**calm** <script>alert(1)</script>"})

    text = response.content.decode()
    assert "<strong>calm</strong>" in text
    assert "<script" not in text


def test_page_shows_the_stored_description_rendered(desk):
    workout_class = make_class(description="A *quiet* class")

    assert "<em>quiet</em>" in desk.get(page_of(workout_class)).content.decode()


# --- Cost ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 8])
def test_class_page_query_count_is_constant(desk, django_assert_max_num_queries, count):
    workout_class = make_class()
    for number in range(count):
        make_variant(workout_class, language=f"{'abcdefgh'[number]}a")
        make_movement()
        make_focus_tag(forbids=[make_movement()])

    with django_assert_max_num_queries(45):
        desk.get(page_of(workout_class))
