"""What a curator does about a film, each of it safe to be sent twice."""

from pathlib import Path

import pytest
from django.conf import settings as site
from django.contrib.admin.models import LogEntry
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from classes.models import State, Variant, Video
from classes.tasks import change_extras, make_film
from classes.video import layout
from tests.factories import (
    check_stays,
    make_checked_class,
    make_class,
    make_member,
    make_variant,
    make_video,
)

from .conftest import messages_of

ACTIONS = ("stop", "again", "discard", "remake")


@pytest.fixture
def variant(db) -> Variant:
    draft = make_class(variant=False, state=State.DRAFT, published_at=None)
    return make_variant(draft, ready=False)


def upload(variant: Variant, **attrs) -> Video:
    video = make_video(variant, **attrs)
    video.master.save("master", ContentFile(b"film"))
    return video


def plays(variant: Variant, **attrs) -> Video:
    attrs.setdefault("ladder_at", timezone.now())
    video = upload(variant, **attrs)
    Variant.objects.filter(pk=variant.pk).update(video=video)
    return video


def address(action: str, video: Video) -> str:
    return reverse(f"admin:classes_film_{action}", args=[video.pk])


def do(desk, action: str, video: Video) -> str:
    """What the script is told after it asked whoever sits there."""
    response = desk.post(
        address(action, video), {"sure": "yes"}, headers={"Accept": "application/json"}
    )
    return response.json()["said"]


def state_of(video: Video) -> str:
    return Video.objects.get(pk=video.pk).state


def tasks() -> list[str]:
    return [task.task_path for task in DBTaskResult.objects.all()]


# --- Stop ---------------------------------------------------------------------------------------


def test_stopping_is_asked_about_first(desk, variant):
    video = upload(variant, state=Video.State.PROCESSING)

    page = desk.post(address("stop", video))

    assert "Stop this film?" in page.content.decode()
    assert state_of(video) == Video.State.PROCESSING


def test_film_in_the_works_is_stopped_and_its_upload_kept(desk, variant):
    video = upload(variant, state=Video.State.PROCESSING)

    response = desk.post(address("stop", video), {"sure": "yes"}, follow=True)

    assert "was stopped" in messages_of(response)
    assert response.redirect_chain[-1][0] == reverse(
        "admin:classes_workoutclass_change", args=[variant.workout_class_id]
    )
    assert state_of(video) == Video.State.CANCELLED
    assert Path(video.master.path).exists()


def test_stopping_twice_says_that_it_is_over(desk, variant):
    video = upload(variant, state=Video.State.UPLOADED)
    do(desk, "stop", video)

    assert "is not in the works any more" in do(desk, "stop", video)
    assert LogEntry.objects.count() == 1


# --- Try again ----------------------------------------------------------------------------------


@pytest.mark.parametrize("ended", [Video.State.FAILED, Video.State.CANCELLED])
def test_film_that_came_to_an_end_is_tried_again_once(
    desk, variant, ended, django_capture_on_commit_callbacks
):
    video = upload(variant, state=ended, error="The disk was full.", attempts=3)

    with django_capture_on_commit_callbacks(execute=True):
        first, second = do(desk, "again", video), do(desk, "again", video)

    video.refresh_from_db()
    assert (video.state, video.error, video.attempts) == (Video.State.UPLOADED, "", 0)
    assert "is tried again" in first
    assert "is being made or is ready already" in second
    assert tasks() == [make_film.module_path]


def test_film_whose_file_is_gone_is_not_tried_again(desk, variant):
    video = make_video(variant, state=Video.State.FAILED)

    assert "upload another one" in do(desk, "again", video)
    assert state_of(video) == Video.State.FAILED


# --- Throw away ---------------------------------------------------------------------------------


def test_failed_upload_is_thrown_away_with_its_file(
    desk, variant, django_capture_on_commit_callbacks
):
    playing = plays(variant)
    failed = upload(variant, state=Video.State.FAILED)

    with django_capture_on_commit_callbacks(execute=True):
        do(desk, "discard", failed)

    assert list(Video.objects.all()) == [playing]
    assert not Path(failed.master.path).exists()
    assert Path(playing.master.path).exists()


def test_throwing_away_twice_says_that_it_is_gone(desk, variant):
    video = upload(variant, state=Video.State.FAILED)
    do(desk, "discard", video)

    assert "is not there any more" in do(desk, "discard", video)


def test_throwing_away_is_asked_about_first(desk, variant):
    video = upload(variant, state=Video.State.FAILED)

    page = desk.post(address("discard", video))

    assert "cannot be brought back" in page.content.decode()
    assert Video.objects.exists()


@pytest.mark.parametrize("state", [Video.State.READY, Video.State.PROCESSING])
def test_film_that_plays_or_is_made_is_not_thrown_away(desk, variant, state):
    video = plays(variant, state=state)

    assert "is in use" in do(desk, "discard", video)
    assert Video.objects.filter(pk=video.pk).exists()


def test_copy_that_plays_is_not_thrown_away_with_its_failed_ladder(desk, variant):
    video = plays(variant, state=Video.State.FAILED, plays_as=Video.PlaysAs.COPY, ladder_at=None)

    assert "is in use" in do(desk, "discard", video)


# --- Make again ---------------------------------------------------------------------------------


def test_sizes_are_made_again_once_and_the_film_plays_on(
    desk, variant, django_capture_on_commit_callbacks
):
    video = plays(variant)

    with django_capture_on_commit_callbacks(execute=True):
        first, second = do(desk, "remake", video), do(desk, "remake", video)

    variant.refresh_from_db()
    [again] = Video.objects.exclude(pk=video.pk)
    assert "are made again" in first
    assert "in the works here already" in second
    assert variant.video == video
    assert (again.master.name, again.keeps_check) == (video.master.name, True)
    assert tasks() == [make_film.module_path]


def test_making_again_keeps_the_body_check(desk):
    workout_class = make_checked_class(variant=False)
    with check_stays(workout_class):
        video = plays(make_variant(workout_class, ready=False))

    do(desk, "remake", video)

    workout_class.refresh_from_db()
    assert workout_class.is_checked


def test_film_whose_upload_is_gone_is_not_made_again(desk, variant):
    video = plays(variant)
    Path(video.master.path).unlink()

    assert "is not there any more" in do(desk, "remake", video)
    assert Video.objects.count() == 1


# --- Who, and what is remembered ----------------------------------------------------------------


def test_what_was_done_stands_in_the_log_of_the_class(desk, curator, variant):
    video = upload(variant, state=Video.State.UPLOADED)

    do(desk, "stop", video)

    entry = LogEntry.objects.get()
    assert entry.get_edited_object() == variant.workout_class
    assert entry.user == curator
    assert "was stopped" in entry.get_change_message()


@pytest.mark.parametrize("action", ACTIONS)
def test_staff_without_the_right_may_do_nothing(client, variant, action):
    client.force_login(make_member(is_staff=True))
    video = upload(variant, state=Video.State.UPLOADED)

    response = client.post(address(action, video), {"sure": "yes"})

    assert response.status_code == 403
    assert state_of(video) == Video.State.UPLOADED


@pytest.mark.parametrize("action", ACTIONS)
def test_actions_are_posts(desk, variant, action):
    video = upload(variant, state=Video.State.UPLOADED)

    assert desk.get(address(action, video)).status_code == 405


# --- Frames on offer ----------------------------------------------------------------------------


def candidate(video: Video, number: int = 1) -> str:
    return reverse("admin:classes_film_candidate", args=[video.pk, number])


def lay_frame(video: Video) -> None:
    path = Path(site.FILMS_ROOT) / layout.key(video.pk, "candidate-1.jpg")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff\xd8 frame")


def test_frame_on_offer_is_shown_to_a_curator(desk, variant):
    video = plays(variant)
    lay_frame(video)

    response = desk.get(candidate(video))

    assert response.content == b"\xff\xd8 frame"
    assert response.headers["Content-Type"] == "image/jpeg"
    assert "private" in response.headers["Cache-Control"]


def test_frame_that_is_not_there_is_not_found(desk, variant):
    assert desk.get(candidate(plays(variant), 3)).status_code == 404


def test_frame_is_for_nobody_else(client, variant):
    video = plays(variant)
    lay_frame(video)
    client.force_login(make_member())

    assert client.get(candidate(video)).status_code == 302


# --- Preview and poster -------------------------------------------------------------------------


@pytest.fixture
def video(variant) -> Video:
    return plays(variant, poster_candidates=[400.0, 150.0, 800.0], preview_version=1)


def choices(variant: Variant) -> str:
    return reverse("admin:classes_film_choices", args=[variant.pk])


def chosen(**changes) -> dict:
    data = {"poster": "1", "poster_time": "", "preview_start": "", "preview_seconds": "30"}
    return data | changes


def errors(response) -> str:
    return str(response.context["form"].errors)


def test_choices_show_the_frames_the_film_and_its_preview(desk, variant, video):
    page = desk.get(choices(variant)).content.decode()

    assert candidate(video, 3) in page
    assert "13:20" in page  # of the third frame
    assert f"/{video.pk}/film.mp4" in page
    assert f"/v/{video.pk}/preview.mp4?v=1" in page


def test_chosen_frame_and_preview_are_kept_and_made(
    desk, variant, video, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        response = desk.post(
            choices(variant),
            chosen(poster="3", preview_start="2:30", preview_seconds="45"),
            follow=True,
        )

    video.refresh_from_db()
    assert (video.poster_at, video.preview_start, video.preview_seconds) == (800.0, 150, 45)
    assert tasks() == [change_extras.module_path]
    assert "in a moment" in messages_of(response)
    assert b"data-awaits-film" in response.content
    assert "chosen anew" in LogEntry.objects.get().get_change_message()


def test_page_waits_no_longer_once_they_are_made(desk, variant, video):
    Video.objects.update(preview_version=2)

    assert b"data-awaits-film" not in desk.get(f"{choices(variant)}?after=1").content


def test_other_moment_of_the_film_is_kept(desk, variant, video):
    desk.post(choices(variant), chosen(poster="other", poster_time="7:05"))

    video.refresh_from_db()
    assert video.poster_at == 425
    form = desk.get(choices(variant)).context["form"]
    assert 'value="7:05"' in str(form["poster_time"])
    assert form["poster"].value() == "other"


def test_moment_that_is_written_is_meant_without_its_tick(desk, variant, video):
    desk.post(choices(variant), chosen(poster_time="7:05"))

    video.refresh_from_db()
    assert video.poster_at == 425


def test_first_frame_takes_a_choice_back(desk, variant, video):
    Video.objects.update(poster_at=800.0, preview_start=90)

    desk.post(choices(variant), chosen())

    video.refresh_from_db()
    assert (video.poster_at, video.preview_start) == (None, None)


def test_saving_what_stands_there_makes_nothing(
    desk, variant, video, django_capture_on_commit_callbacks
):
    Video.objects.update(poster_at=425.0, preview_start=90, preview_seconds=20)
    form = desk.get(choices(variant)).context["form"]
    sent = {name: form[name].value() for name in form.fields}

    with django_capture_on_commit_callbacks(execute=True):
        desk.post(choices(variant), {name: value or "" for name, value in sent.items()})

    assert tasks() == []
    assert not LogEntry.objects.exists()


def test_film_without_frames_on_offer_has_the_other_moment(desk, variant):
    video = plays(variant, plays_as=Video.PlaysAs.COPY, state=Video.State.PROCESSING)

    desk.post(choices(variant), chosen(poster="other", poster_time="0:30"))

    video.refresh_from_db()
    assert video.poster_at == 30


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"preview_start": "half past"}, "Write it as minutes and seconds, like 2:30."),
        ({"preview_start": "20:00"}, "The film lasts 20:00."),
        ({"preview_start": "19:50"}, "From 19:50 on the film lasts only 10 seconds more."),
        ({"preview_seconds": "4"}, "greater than or equal to 5"),
        ({"preview_seconds": "181"}, "less than or equal to 180"),
        ({"preview_seconds": ""}, "required"),
        ({"poster": "other"}, "Say which moment of the film."),
        ({"poster": "other", "poster_time": "21:00"}, "The film lasts 20:00."),
        ({"poster": "4"}, "Select a valid choice"),
    ],
)
def test_choice_that_the_film_does_not_hold_is_refused(desk, variant, video, changes, sentence):
    response = desk.post(choices(variant), chosen(**changes))

    assert sentence in errors(response)
    video.refresh_from_db()
    assert (video.poster_at, video.preview_start, video.preview_seconds) == (None, None, 30)


def test_choices_leave_the_rest_of_the_row_to_the_worker(desk, variant, video, monkeypatch):
    from classes.admin.film_choices import FilmChoicesForm

    save = FilmChoicesForm.save

    def while_it_is_made(form):
        Video.objects.update(progress=77)
        return save(form)

    monkeypatch.setattr(FilmChoicesForm, "save", while_it_is_made)

    desk.post(choices(variant), chosen(poster="2"))

    video.refresh_from_db()
    assert (video.progress, video.poster_at) == (77, 150.0)


def test_variant_without_a_film_has_nothing_to_choose(desk, variant):
    response = desk.get(choices(variant), follow=True)

    assert "There is no film yet to choose from." in messages_of(response)


def test_choices_are_for_curators(client, variant, video):
    client.force_login(make_member(is_staff=True))

    assert client.get(choices(variant)).status_code == 403
    assert client.post(choices(variant), chosen(poster="2")).status_code == 403
