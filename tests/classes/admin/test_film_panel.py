"""What the panel of a film says: what plays, what is in the works, what can be done about it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from classes.admin.film_panel import in_sizes, left_in_words, time_left, work_on
from classes.models import State, Variant, Video
from tests.factories import make_class, make_variant, make_video

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SIZES = [
    {"name": "480p", "width": 854, "height": 480},
    {"name": "1080p", "width": 1920, "height": 1080},
    {"name": "720p", "width": 1280, "height": 720},
]


@pytest.fixture
def variant(db) -> Variant:
    """Without a film, of a draft."""
    draft = make_class(variant=False, state=State.DRAFT, published_at=None)
    return make_variant(draft, ready=False)


def panel(desk, variant: Variant) -> str:
    address = reverse("admin:classes_films", args=[variant.workout_class_id])
    return desk.get(address).json()[str(variant.pk)]


def plays(variant: Variant, **attrs) -> Video:
    video = make_video(variant, **attrs)
    variant.video = video
    variant.save()
    return video


def with_master(video: Video) -> Video:
    video.master.save("master", ContentFile(b"film"))
    return video


def test_film_with_its_ladder_names_its_sizes(desk, variant):
    plays(variant, renditions=SIZES, master_bytes=1_500_000_000)

    shown = panel(desk, variant)

    assert "Plays in all sizes" in shown
    assert "1080p, 720p and 480p" in shown
    assert "Make its sizes again" in shown
    assert "data-film-working" not in shown


def test_film_that_plays_as_uploaded_says_so_while_its_sizes_are_made(desk, variant):
    plays(
        variant,
        plays_as=Video.PlaysAs.COPY,
        state=Video.State.PROCESSING,
        progress=43,
        started_at=timezone.now() - timedelta(minutes=43),
    )

    shown = panel(desk, variant)

    assert "Plays as uploaded" in shown
    assert "43 %" in shown
    assert "about 57 minutes left" in shown
    assert reverse("admin:classes_film_stop", args=[variant.video_id]) in shown
    assert "Make its sizes again" not in shown
    assert shown.count(variant.video.original_name) == 1


def test_film_that_waits_says_how_many_others_do(desk, variant):
    make_video(variant, state=Video.State.UPLOADED)
    for language in ("es", "de"):
        other = make_variant(variant.workout_class, ready=False, language=language)
        make_video(other, state=Video.State.UPLOADED)

    assert "2 other films are waiting or in the works." in panel(desk, variant)


def test_film_that_waits_alone_speaks_of_no_others(desk, variant):
    make_video(variant, state=Video.State.UPLOADED)

    assert "other film" not in panel(desk, variant)


def test_failed_film_says_why_and_may_be_tried_again(desk, variant):
    video = make_video(variant, state=Video.State.FAILED, error="The disk was full.")
    with_master(video)

    shown = panel(desk, variant)

    assert "The disk was full." in shown
    assert reverse("admin:classes_film_again", args=[video.pk]) in shown
    assert reverse("admin:classes_film_discard", args=[video.pk]) in shown
    assert "data-film-working" not in shown


def test_failed_film_whose_file_is_gone_may_only_be_thrown_away(desk, variant):
    video = make_video(variant, state=Video.State.FAILED, error="This is no film.")

    shown = panel(desk, variant)

    assert reverse("admin:classes_film_again", args=[video.pk]) not in shown
    assert "The file was not kept: upload another one." in shown


def test_replacement_in_the_works_says_that_the_old_film_plays_on(desk, variant):
    plays(variant, original_name="old.mp4")
    make_video(variant, state=Video.State.PROCESSING, original_name="new.mp4", progress=10)

    shown = panel(desk, variant)

    assert "old.mp4" in shown
    assert "new.mp4" in shown
    assert "The film above plays on until this one is ready." in shown


def test_film_that_is_made_again_says_so(desk, variant):
    playing = with_master(plays(variant))
    again = make_video(variant, state=Video.State.UPLOADED)
    Video.objects.filter(pk=again.pk).update(master=playing.master.name)

    assert "Made again from the same upload" in panel(desk, variant)


@pytest.mark.parametrize("is_remade", [True, False])
def test_film_that_failed_promises_no_other_film(desk, variant, is_remade):
    playing = with_master(plays(variant))
    failed = make_video(variant, state=Video.State.FAILED, error="No room.")
    if is_remade:
        Video.objects.filter(pk=failed.pk).update(master=playing.master.name)

    assert "until" not in panel(desk, variant)


def test_ladder_that_failed_leaves_the_copy_playing_and_is_not_thrown_away(desk, variant):
    plays(variant, plays_as=Video.PlaysAs.COPY, state=Video.State.FAILED, error="No room.")

    shown = panel(desk, variant)

    assert "It plays on in the size in which it was uploaded." in shown
    assert "Throw away" not in shown


def test_stopped_film_may_be_tried_again(desk, variant):
    video = with_master(make_video(variant, state=Video.State.CANCELLED))

    shown = panel(desk, variant)

    assert "Stopped" in shown
    assert reverse("admin:classes_film_again", args=[video.pk]) in shown


def test_words_of_a_file_name_stay_words(desk, variant):
    plays(variant, original_name="<b>film</b>.mp4")

    assert "&lt;b&gt;film" in panel(desk, variant)


@pytest.mark.parametrize("count", [1, 8])
def test_panels_query_count_is_constant(desk, django_assert_num_queries, count):
    draft = make_class(variant=False, state=State.DRAFT, published_at=None)
    for number in range(count):
        variant = make_variant(draft, language=f"{'abcdefgh'[number]}a")
        make_video(variant, state=Video.State.UPLOADED)

    # session, member, two of rights, class, its tags, variants, films
    with django_assert_num_queries(8):
        desk.get(reverse("admin:classes_films", args=[draft.pk]))


@pytest.mark.django_db
def test_work_is_none_where_all_is_well():
    variant = make_class().variants.get()

    assert work_on(variant) is None


def test_sizes_are_named_largest_first():
    assert in_sizes(SIZES) == "1080p, 720p and 480p"
    assert in_sizes([]) == ""


@pytest.mark.parametrize(
    ("progress", "minutes", "left"),
    [
        (50, 10, timedelta(minutes=10)),
        (25, 5, timedelta(minutes=15)),
        (1, 10, None),
        (50, 0.1, None),
    ],
)
def test_time_left_is_told_at_the_pace_until_now(progress, minutes, left):
    video = Video(
        state=Video.State.PROCESSING,
        progress=progress,
        started_at=NOW - timedelta(minutes=minutes),
    )

    assert time_left(video, NOW) == left


def test_time_left_of_what_waits_is_not_known():
    assert time_left(Video(state=Video.State.UPLOADED, progress=0), NOW) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (20, "less than a minute left"),
        (60, "about 1 minute left"),
        (12 * 60, "about 12 minutes left"),
        (100 * 60, "about 2 hours left"),
    ],
)
def test_time_left_in_words(seconds, words):
    left = None if seconds is None else timedelta(seconds=seconds)

    assert left_in_words(left) == words
