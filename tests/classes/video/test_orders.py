"""What a curator orders: that a film stops, has another run, or is made anew."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from classes.models import Video
from classes.video import processing
from classes.video.orders import cancel, remake, try_again
from classes.video.processing import first_look, make_ladder
from tests.factories import make_video

from .uploads import kept, locked_tables, make, on_the_list, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_encoding")]

State, Step, PlaysAs = Video.State, Video.Step, Video.PlaysAs


@pytest.mark.parametrize("state", [State.UPLOADED, State.PROCESSING])
def test_cancel_stops_what_is_in_the_works(variant, film, state):
    video = upload(variant, film, state=state)

    assert cancel(video)
    assert not cancel(video)

    video.refresh_from_db()
    assert (video.state, video.held_by) == (State.CANCELLED, None)


def test_cancel_leaves_what_is_ready(variant):
    assert not cancel(make_video(variant))


@pytest.mark.parametrize("part", ["encode_ladder", "check_ladder"])
def test_cancel_ends_what_takes_long_and_leaves_nothing_of_it(
    variant, film, settings, monkeypatch, no_ladder, part
):
    monkeypatch.setattr("classes.video.attempts._SECONDS_BETWEEN_REPORTS", 0)
    video = upload(variant, film)
    first_look(str(video.pk))

    def work(*args, on_progress, **kwargs):
        cancel(video)
        on_progress(1)
        pytest.fail("It went on.")

    monkeypatch.setattr(processing, part, work)
    make_ladder(str(video.pk))

    video.refresh_from_db()
    variant.refresh_from_db()
    assert (video.state, video.plays_as) == (State.CANCELLED, PlaysAs.COPY)
    assert variant.video == video
    assert kept(settings, video) == ["copy/copy.mp4", "preview.mp4"]
    assert list((settings.FILMS_ROOT / ".making").iterdir()) == []


@pytest.mark.parametrize("step", Step.values)
def test_try_again_goes_on_where_it_ended(variant, film, step):
    video = upload(variant, film, state=State.FAILED, step=step, attempts=3, error="Oh.")

    assert try_again(video)
    assert not try_again(video)

    video.refresh_from_db()
    assert (video.state, video.step, video.attempts, video.error) == (State.UPLOADED, step, 0, "")
    task = "look_at_film" if step == Step.FIRST_LOOK else "make_film"
    assert [name for _queue, name in on_the_list()] == [task]


def test_remake_makes_a_new_film_of_the_same_master(
    variant, film, settings, no_ladder, django_capture_on_commit_callbacks
):
    former = make(upload(variant, film, preview_seconds=7))
    folder = kept(settings, former)

    again = remake(former)

    assert remake(former) == again  # once, however often it is asked for
    assert (again.master.name, again.preview_seconds) == (former.master.name, 7)
    assert (again.state, again.step, again.keeps_check) == (State.UPLOADED, Step.LADDER, True)
    assert kept(settings, former) == folder

    make_ladder(str(again.pk))

    variant.refresh_from_db()
    assert variant.video == again
    assert not again.has_copy
    assert kept(settings, former) == folder
    assert kept(settings, again)


def test_remake_gives_way_to_an_upload_that_is_newer(variant, film, no_ladder):
    former = make(upload(variant, film))
    newer = upload(variant, film)
    again = remake(former)

    make(newer)
    make_ladder(str(again.pk))

    variant.refresh_from_db()
    assert variant.video == newer
    assert not Video.objects.filter(pk=again.pk).exists()
    assert variant.video.master.storage.exists(former.master.name)


def test_remake_after_one_that_failed_is_the_newest(variant, film, no_ladder):
    former = make(upload(variant, film))
    failed = remake(former)
    Video.objects.filter(pk=failed.pk).update(state=State.FAILED)

    again = remake(former)

    uploads = variant.videos.order_by("uploaded_at").values_list("pk", flat=True)
    assert list(uploads) == [former.pk, failed.pk, again.pk]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks the whole database")
def test_remake_locks_the_class_before_its_variant(variant, film, no_ladder):
    former = make(upload(variant, film))

    with CaptureQueriesContext(connection) as queries:
        remake(former)

    assert locked_tables(queries)[:2] == ["classes_workoutclass", "classes_variant"]


def test_remake_goes_on_with_a_film_that_has_no_ladder_yet(variant, film):
    video = upload(variant, film)
    first_look(str(video.pk))
    cancel(video)

    assert remake(video) == video

    video.refresh_from_db()
    assert (video.state, video.step) == (State.UPLOADED, Step.LADDER)
