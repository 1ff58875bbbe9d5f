"""A large studio, made in bulk, keeps what every other studio keeps."""

from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count, F

from classes import large_studio
from classes.body.contents import Contained, refresh
from classes.body.triggers import triggers as check_triggers
from classes.body.vouching import contradicting_taggings
from classes.catalogue.changes import current_version
from classes.catalogue.triggers import triggers as catalogue_triggers
from classes.models import Chapter, Variant, WorkoutClass
from classes.triggers import missing_from
from comments.desk.waiting import keep_waiting
from comments.models import Comment
from tests.factories import make_class

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch):
    """Each takes two seconds to draw."""
    monkeypatch.setattr(large_studio, "POSTERS", 0)


def make(*options: str) -> str:
    said = StringIO()
    call_command("make_catalogue", *options, stdout=said)
    return said.getvalue()


def test_there_are_as_many_as_asked_for():
    said = make("--classes", "30", "--comments", "50")

    assert (WorkoutClass.objects.count(), Comment.objects.count()) == (30, 50)
    assert "Done: 30 classes, 50 comments." in said


def test_every_class_has_a_film_and_a_teacher():
    make("--classes", "20")

    for workout_class in WorkoutClass.objects.for_cards():
        assert workout_class.first_variant
        assert workout_class.instructors.all()


def test_posters_are_real(monkeypatch):
    monkeypatch.setattr(large_studio, "POSTERS", 1)

    make("--classes", "3")

    [poster] = {workout_class.poster for workout_class in WorkoutClass.objects.all()}
    assert (poster.folder / f"{poster.widths[0]}.avif").is_file()


def test_what_classes_contain_is_what_ticks_and_chapters_say():
    make("--classes", "40")
    stored = set(Contained.objects.values_list("workoutclass_id", "movement_id"))

    refresh(WorkoutClass.objects.values_list("pk", flat=True))

    assert Chapter.objects.exists()
    assert set(Contained.objects.values_list("workoutclass_id", "movement_id")) == stored


def test_promises_are_kept_and_most_classes_are_checked():
    make("--classes", "40")

    assert not contradicting_taggings().exists()
    assert 20 < WorkoutClass.objects.filter(checked_at__isnull=False).count() < 40


def test_chapters_fill_the_film():
    make("--classes", "12")

    for variant in Variant.objects.filter(chapters__isnull=False).distinct():
        chapters = list(variant.chapters.order_by("start"))
        assert chapters[0].start == 0
        assert chapters[-1].end == variant.duration.total_seconds()
        assert all(one.end == other.start for one, other in pairwise(chapters))


def test_counts_and_threads_hold_together():
    make("--classes", "5", "--comments", "60")

    counted = WorkoutClass.objects.annotate(number=Count("comments"))
    assert not counted.exclude(comment_count=F("number")).exists()
    assert not Comment.objects.exclude(thread=None).exclude(
        workout_class=F("thread__workout_class")
    )


def test_some_threads_wait_on_the_desks_of_those_who_teach():
    make("--classes", "5", "--comments", "400")

    threads = Comment.objects.top_level()
    waiting = threads.filter(waiting_since__isnull=False)
    assert 0 < waiting.count() < threads.count() / 5
    assert (
        waiting.filter(workout_class__instructors__member__isnull=False).count() >= waiting.count()
    )
    kept = dict(threads.values_list("pk", "waiting_since"))
    keep_waiting(kept)
    assert dict(threads.values_list("pk", "waiting_since")) == kept


def test_the_same_numbers_make_the_same_studio():
    make("--classes", "10", "--comments", "10")
    first = sorted(WorkoutClass.objects.values_list("slug", "title", "description"))
    said_first = sorted(Comment.objects.values_list("body", flat=True))
    WorkoutClass.objects.all().delete()

    make("--classes", "10", "--comments", "10")

    again = WorkoutClass.objects.values_list("title", "description")
    assert sorted(again) == sorted(row[1:] for row in first)
    assert sorted(Comment.objects.values_list("body", flat=True)) == said_first


def test_the_triggers_stand_again_and_everything_counts_as_changed():
    before = current_version()

    make("--classes", "3")

    watching = [*catalogue_triggers(connection.vendor), *check_triggers(connection.vendor)]
    assert missing_from(connection, watching) == []
    assert current_version() != before


def test_a_studio_that_has_classes_is_left_alone():
    make_class()

    with pytest.raises(CommandError, match="--beside"):
        make("--classes", "3")

    assert WorkoutClass.objects.count() == 1


def test_a_studio_may_be_added_to():
    make_class()

    make("--classes", "3", "--beside")
    make("--classes", "2", "--comments", "4", "--beside")

    assert WorkoutClass.objects.count() == 6


@pytest.mark.parametrize("number", ["-1", "many", "10000001"])
def test_a_number_that_is_none_is_refused(number):
    with pytest.raises(CommandError):
        make("--classes", number)
