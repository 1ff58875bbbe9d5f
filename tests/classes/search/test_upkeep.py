"""How the documents follow the catalogue."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from classes.catalogue.changes import current_version, everything_changed
from classes.management.commands import run_worker
from classes.models import (
    Captions,
    Chapter,
    Exercise,
    FocusTag,
    Instructor,
    Level,
    SearchDocument,
    SearchMoment,
    SearchState,
    SearchWord,
    Video,
    WorkoutClass,
)
from classes.search import catch_up, find, suggestion, upkeep
from comments.upkeep import keep_counts
from tests.classes.search.films import say
from tests.factories import (
    make_chapter,
    make_class,
    make_comment,
    make_exercise,
    make_focus_tag,
    make_instructor,
    make_variant,
)

pytestmark = pytest.mark.django_db


def count(q: str) -> int:
    return len(find(q).class_ids)


def test_catch_up_follows_what_no_signal_tells_of():
    exercise = make_exercise(name="Swan")
    workout_class = make_class(
        title="Before",
        instructors=[make_instructor(name="Ana")],
        focus_tags=[make_focus_tag(name="Bones")],
    )
    make_chapter(workout_class.variants.get(), 0, 60, exercise=exercise)
    catch_up()

    WorkoutClass.objects.update(title="After")
    Instructor.objects.update(name="Berta")
    FocusTag.objects.update(name="Hips")
    Exercise.objects.update(aliases=["Bird"])
    catch_up()

    for word in ("after", "berta", "hips", "bird", "swan"):
        assert count(word) == 1, word
    for word in ("before", "ana", "bones"):
        assert count(word) == 0, word


def test_catch_up_follows_chapters_captions_and_films():
    workout_class = make_class()
    variant = workout_class.variants.get()
    say(variant, (1, "ribs"), (700, "heels"))
    make_chapter(variant, 0, 60, title="Welcome")
    catch_up()
    assert SearchMoment.objects.count() == 3

    Video.objects.update(duration=timedelta(minutes=10))
    catch_up()
    assert count("heels") == 0

    Chapter.objects.update(title="Goodbye")
    say(variant, (1, "toes"))
    catch_up()
    assert [count(word) for word in ("ribs", "toes", "welcome", "goodbye")] == [0, 1, 0, 1]

    Captions.objects.all().delete()
    Chapter.objects.all().delete()
    catch_up()
    assert [count(word) for word in ("toes", "goodbye")] == [0, 0]
    assert not SearchMoment.objects.exists()


def test_catch_up_forgets_a_class_that_was_deleted():
    make_class(title="Swan").delete()
    make_class(title="Swan")
    catch_up()
    WorkoutClass.objects.all().delete()

    assert count("swan") == 0
    catch_up()
    assert not SearchDocument.objects.exists()
    assert not SearchMoment.objects.exists()


def test_catch_up_writes_only_what_differs(django_assert_max_num_queries):
    same = make_class(title="Swan")
    make_class(title="Duck")
    catch_up()
    before = {row.pk: row for row in SearchMoment.objects.all()}

    same.comment_count = 7
    same.save()
    with django_assert_max_num_queries(20) as queries:
        catch_up()

    written = [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "DELETE"))]
    assert written == []
    assert {row.pk: row for row in SearchMoment.objects.all()} == before
    assert SearchState.objects.get().number == current_version().number


def test_catch_up_asks_two_questions_where_nothing_changed(django_assert_num_queries):
    make_class()
    catch_up()

    with django_assert_num_queries(2):
        catch_up()


def test_catch_up_asks_no_more_for_eight_than_for_one():
    catch_up()
    queries = []
    for number in (1, 8):
        for _ in range(number):
            variant = make_class().variants.get()
            make_chapter(variant, 0, 60, title="Swan")
            say(variant, (1, "swan"))
        everything_changed()
        with CaptureQueriesContext(connection) as captured:
            catch_up()
        queries.append(len(captured))
        assert count("swan") == number
        WorkoutClass.objects.all().delete()
        catch_up()

    assert queries[1] <= queries[0] <= 30


def test_catch_up_goes_batch_by_batch(monkeypatch):
    monkeypatch.setattr(upkeep, "BATCH", 2)
    for _ in range(5):
        make_class(title="Swan")
    catch_up()

    assert count("swan") == 5
    assert SearchState.objects.get().number == current_version().number


def test_catch_up_leaves_to_the_worker_what_is_too_much():
    for _ in range(3):
        make_class(title="Swan")

    catch_up(at_most=2)
    assert count("swan") == 0
    catch_up(at_most=3)
    assert count("swan") == 3


def test_catch_up_begins_again_where_another_was_quicker(monkeypatch):
    make_class(title="Swan")
    catch_up()
    make_class(title="Swan")
    make_class(title="Swan")
    made_by_another = []

    def look_away(class_ids):
        if not made_by_another:
            made_by_another.append(True)
            make_class(title="Swan")  # while the other one is at work
            SearchState.objects.update(stamp=F("stamp") - 1)
        return make_documents(class_ids)

    make_documents = upkeep.make_documents
    monkeypatch.setattr(upkeep, "make_documents", look_away)
    monkeypatch.setattr(upkeep, "BATCH", 1)
    catch_up()

    assert count("swan") == 4
    assert SearchState.objects.get().number == current_version().number


def test_catch_up_that_fails_leaves_the_documents_of_the_version_they_are_of(monkeypatch):
    make_class(title="Swan")
    catch_up()
    before = SearchState.objects.get().number
    make_class(title="Swan")

    def fail(*args):
        raise IntegrityError

    monkeypatch.setattr(upkeep, "_store_moments", fail)
    with pytest.raises(IntegrityError):
        catch_up()

    assert SearchState.objects.get().number == before
    assert count("swan") == 1


def test_a_save_is_found_after_its_transaction(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        workout_class = make_class(title="Swan")
    assert count("swan") == 1

    with (
        patch.object(upkeep, "catch_up", wraps=catch_up) as caught_up,
        django_capture_on_commit_callbacks(execute=True),
    ):
        workout_class.title = "Duck"
        workout_class.save()
        workout_class.focus_tags.add(make_focus_tag(name="Bones"))
        make_variant(workout_class, language="es")
    assert [count(word) for word in ("swan", "duck", "bones")] == [0, 1, 1]
    assert caught_up.call_count == 1

    with django_capture_on_commit_callbacks(execute=True):
        workout_class.focus_tags.clear()
    assert count("bones") == 0

    with django_capture_on_commit_callbacks(execute=True):
        workout_class.delete()
    assert not SearchDocument.objects.exists()


def test_a_save_is_not_undone_by_a_search_that_fails(
    django_capture_on_commit_callbacks, monkeypatch, caplog
):
    def fail(class_ids):
        raise IntegrityError

    monkeypatch.setattr(upkeep, "make_documents", fail)

    with django_capture_on_commit_callbacks(execute=True):
        make_class(title="Swan")

    assert WorkoutClass.objects.filter(title="Swan").exists()
    assert "on_commit" in caplog.text


def test_words_that_are_gone_are_forgotten_when_all_is_made():
    workout_class = make_class(title="Hundred")
    catch_up()
    WorkoutClass.objects.filter(pk=workout_class.pk).update(title="Breath")
    catch_up()
    assert suggestion("hundrde") == ""

    everything_changed()
    catch_up()

    assert not SearchWord.objects.filter(word="hundred").exists()
    assert SearchWord.objects.filter(word="breath").exists()


def test_rebuild_search_brings_back_what_was_lost():
    make_class(title="Swan")
    catch_up()
    SearchDocument.objects.all().delete()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO classes_searchindex (classes_searchindex) VALUES ('delete-all')"
            )
    assert count("swan") == 0

    call_command("rebuild_search", stdout=(stdout := StringIO()))

    assert count("swan") == 1
    assert "1 classes" in stdout.getvalue()


def test_a_comment_does_not_part_a_class_from_its_tags(django_capture_on_commit_callbacks):
    workout_class = make_class(focus_tags=[make_focus_tag(name="Bones")])
    catch_up()

    with django_capture_on_commit_callbacks(execute=True):
        make_comment(workout_class)
        keep_counts([workout_class.pk])

    workout_class.refresh_from_db()
    assert workout_class.comment_count == 1
    assert count("bones") == 1


def test_the_worker_brings_what_no_signal_tells_of():
    make_class(title="Swan")

    run_worker._sweep()

    assert count("swan") == 1


def test_the_whole_is_taken_back_with_its_transaction():
    make_class(title="Swan")
    catch_up()

    try:
        with transaction.atomic():
            make_class(title="Swan")
            catch_up()
            assert count("swan") == 2
            raise IntegrityError
    except IntegrityError:
        pass

    assert count("swan") == 1
    make_class(title="Swan")  # its version has the number of the one that was taken back
    assert count("swan") == 1
    catch_up()
    assert count("swan") == 2


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_what_several_save_at_once_is_all_found():
    def save_some(writer: int) -> None:
        try:
            for number in range(5):
                make_class(
                    title="Swan", slug=f"swan-{writer}-{number}", level=Level.OPEN, variant=False
                )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(save_some, range(4)))

    assert count("swan") == 20
    assert SearchState.objects.get().number == current_version().number
