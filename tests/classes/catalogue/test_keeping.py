"""The catalogue in memory is that of the database, whoever writes, reads or fails meanwhile."""

import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone, translation

from classes.catalogue import Choices, Facet, SqlCatalogue, Version, changes, keeping, loading
from classes.catalogue.bitmaps import BitmapCatalogue
from classes.models import CatalogueChange, FocusTag, Movement, WorkoutClass
from tests.factories import (
    make_checked_class,
    make_class,
    make_focus_tag,
    make_instructor,
    make_movement,
)


@pytest.fixture(autouse=True)
def nothing_kept():
    """Each test is a process that has just started."""
    keeping.forget()
    yield
    keeping.forget()


@pytest.fixture
def every_studio_is_large(monkeypatch):
    monkeypatch.setattr(keeping, "SMALL", 0)


def from_memory() -> BitmapCatalogue:
    catalogue = keeping.current()
    assert isinstance(catalogue, BitmapCatalogue)
    return catalogue


def ids() -> list[int]:
    return [hit.class_id for hit in keeping.current().page(Choices(), 1)]


def refuse(*args: object) -> None:
    raise AssertionError("Everything was read again.")


# --- When it is read ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_whatever_is_asked_costs_the_query_for_the_version(django_assert_num_queries):
    tag = make_focus_tag(forbids=[make_movement(slug="twisting")])
    row = make_checked_class(focus_tags=[tag], instructors=[make_instructor()])
    from_memory()

    with django_assert_num_queries(1):
        catalogue = keeping.current()
        choices = Choices(focus=(tag.slug,), avoid=("twisting",), length=("11-20",))
        assert catalogue.vocabulary.find(Facet.FOCUS, tag.slug)
        assert catalogue.count(choices).total == 1
        assert catalogue.count_each([choices, Choices()]) == [1, 1]
        assert len(catalogue.page(choices, 1)) == 1
        assert len(catalogue.newest_by_focus([tag.slug], 4)[tag.slug]) == 1
        assert catalogue.similar(row.pk, 4) == ()
        assert catalogue.instructors_of(row.pk) != []
        assert catalogue.vouched_tags_of(row.pk) == [tag.slug]


@pytest.mark.django_db
def test_change_of_a_class_reads_that_class_alone(monkeypatch, django_assert_num_queries):
    for _ in range(8):
        row = make_class()
    from_memory()
    WorkoutClass.objects.filter(pk=row.pk).update(level="open")
    monkeypatch.setattr(loading, "read_all", refuse)

    # The version before and after, three for what has changed, three for the class.
    with django_assert_num_queries(8):
        assert keeping.current().count(Choices(level=("open",))).total == 1
    with django_assert_num_queries(1):
        keeping.current()


@pytest.mark.django_db
def test_change_of_a_rule_is_read_within_the_request_of_a_small_studio():
    tag = make_focus_tag(slug="safe")
    make_class(focus_tags=[tag])
    assert from_memory().count(Choices(focus=("safe",))).total == 1

    tag.forbids.add(make_movement())

    assert from_memory().count(Choices(focus=("safe",))).total == 0


@pytest.mark.django_db
def test_movement_defined_anew_takes_a_class_from_those_who_avoid_it():
    movement = make_movement(slug="twisting")
    make_checked_class()
    assert from_memory().count(Choices(avoid=("twisting",))).total == 1

    Movement.objects.filter(pk=movement.pk).update(defined_at=timezone.now() + timedelta(hours=1))

    assert from_memory().count(Choices(avoid=("twisting",))).total == 0


@pytest.mark.django_db
def test_words_are_in_the_readers_language():
    make_focus_tag(name="Strong", names={"es": "Fuerte"})

    with translation.override("es"):
        spanish = from_memory().vocabulary
    with translation.override("en"):
        english = from_memory().vocabulary

    assert spanish.options[Facet.FOCUS][0].label == "Fuerte"
    assert english.options[Facet.FOCUS][0].label == "Strong"


@pytest.mark.django_db
def test_what_is_held_by_somebody_else_stays_as_it_was():
    row = make_class(level="beginner")
    before = from_memory()

    WorkoutClass.objects.filter(pk=row.pk).update(level="open")
    make_class()

    assert from_memory().count(Choices()).total == 2
    assert before.count(Choices()).total == before.count(Choices(level=("beginner",))).total == 1


# --- The clock ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_scheduled_class_appears_and_a_retiring_one_goes_without_a_write(time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    public = make_class(published_at=now - timedelta(days=1))
    leaving = make_class(published_at=now - timedelta(days=1), retires_at=now + timedelta(hours=2))
    coming = make_class(published_at=now + timedelta(hours=1))
    catalogue, seen = from_memory(), []

    for hours in (0, 1, 2, 0):  # at last somebody turns the clock back
        time_machine.move_to(now + timedelta(hours=hours), tick=False)
        seen.append((ids(), catalogue.edition))
        assert from_memory() is catalogue
        assert catalogue.count(Choices()) == SqlCatalogue(catalogue.version).count(Choices())

    assert [class_ids for class_ids, _ in seen] == [
        [leaving.pk, public.pk],
        [coming.pk, leaving.pk, public.pk],
        [coming.pk, public.pk],
        [leaving.pk, public.pk],
    ]
    assert len({edition for _, edition in seen}) == 3
    assert seen[0] == seen[3]


@pytest.mark.django_db
def test_language_may_be_chosen_once_a_film_in_it_is_listed(time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    later = make_class(published_at=now + timedelta(hours=1))
    later.variants.update(language="es")
    make_class(published_at=now - timedelta(hours=1))

    def languages() -> list[str]:
        return [option.value for option in from_memory().vocabulary.options[Facet.LANGUAGE]]

    assert languages() == ["en"]
    time_machine.move_to(now + timedelta(hours=1), tick=False)
    assert languages() == ["en", "es"]


# --- Transactions and other writers -------------------------------------------------------------


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_what_is_rolled_back_is_never_shown_though_its_number_comes_again():
    row = make_class(title="Kept", level="open")
    kept = from_memory()

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        WorkoutClass.objects.filter(pk=row.pk).update(level="advanced")
        undone = from_memory()
        assert undone.count(Choices(level=("advanced",))).total == 1
        raise ZeroDivisionError

    assert from_memory() is kept
    WorkoutClass.objects.filter(pk=row.pk).update(level="beginner")
    assert from_memory().version.number == undone.version.number
    assert from_memory().count(Choices(level=("beginner",))).total == 1
    assert from_memory().count(Choices(level=("advanced",))).total == 0


@pytest.mark.django_db
@pytest.mark.parametrize("change", ["level", "rule"])
def test_what_others_write_while_it_is_read_is_read_once_more(monkeypatch, change):
    tag = make_focus_tag(slug="safe")
    row = make_class(level="beginner", focus_tags=[tag])
    from_memory()
    read_some = loading.read_some

    def interrupted(class_ids):
        rows = read_some(class_ids)
        rows = loading.Rows(list(rows.classes), list(rows.films), list(rows.terms))
        monkeypatch.setattr(loading, "read_some", read_some)
        if change == "level":
            WorkoutClass.objects.filter(pk=row.pk).update(level="open")
        else:
            tag.forbids.add(make_movement())
        return rows

    monkeypatch.setattr(loading, "read_some", interrupted)
    WorkoutClass.objects.filter(pk=row.pk).update(level="advanced")

    catalogue = from_memory()

    assert catalogue.version == changes.current_version()
    assert catalogue.count(Choices()) == SqlCatalogue(catalogue.version).count(Choices())


@pytest.mark.django_db
def test_where_others_write_without_end_the_database_answers(monkeypatch):
    row = make_class()
    from_memory()
    read_some = loading.read_some
    comments = iter(range(10, 1000))

    def interrupted(class_ids):
        rows = read_some(class_ids)
        WorkoutClass.objects.filter(pk=row.pk).update(comment_count=next(comments))
        return rows

    monkeypatch.setattr(loading, "read_some", interrupted)
    monkeypatch.setattr(keeping, "is_small", lambda: True)
    monkeypatch.setattr(keeping, "load", lambda: None)
    WorkoutClass.objects.filter(pk=row.pk).update(comment_count=9)

    assert isinstance(keeping.current(), SqlCatalogue)
    assert next(comments) < 20  # it gave up soon


@pytest.mark.django_db
def test_database_that_is_away_is_the_requests_own_error(monkeypatch):
    make_class()
    from_memory()

    def away() -> Version:
        raise OperationalError("gone")

    monkeypatch.setattr(changes, "current_version", away)

    with pytest.raises(OperationalError):
        keeping.current()


# --- Threads and processes ----------------------------------------------------------------------


def eventually(condition: Callable[[], bool]) -> bool:
    ends = time.monotonic() + 20
    while not condition() and time.monotonic() < ends:
        time.sleep(0.02)
    return condition()


def is_in_memory() -> bool:
    return isinstance(keeping.current(), BitmapCatalogue)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_large_studio_is_read_beside_the_requests(every_studio_is_large, monkeypatch):
    row = make_class()
    may_read, closed = threading.Event(), []
    read_all, close_all = loading.read_all, keeping.connections.close_all

    def read_when_told():
        assert may_read.wait(20)
        return read_all()

    monkeypatch.setattr(loading, "read_all", read_when_told)
    monkeypatch.setattr(
        keeping.connections,
        "close_all",
        lambda: (closed.append(threading.current_thread()), close_all()),
    )

    assert isinstance(keeping.current(), SqlCatalogue)
    assert ids() == [row.pk]
    may_read.set()

    assert eventually(is_in_memory)
    assert ids() == [row.pk]
    assert [thread.name for thread in closed] == ["catalogue"]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_large_studio_splices_few_changes_and_leaves_many_to_the_thread(
    every_studio_is_large, monkeypatch
):
    # Those of the migrations have numbers that come again once a test has emptied all tables.
    CatalogueChange.objects.all().delete()
    make_class()
    make_class()
    assert eventually(is_in_memory)
    monkeypatch.setattr(keeping, "MOST_SPLICED", 1)

    WorkoutClass.objects.filter(pk=WorkoutClass.objects.first().pk).update(level="open")
    assert is_in_memory()
    WorkoutClass.objects.update(level="advanced")
    assert not is_in_memory()
    assert ids() != []

    assert eventually(is_in_memory)
    assert keeping.current().count(Choices(level=("advanced",))).total == 2


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_reading_that_fails_is_logged_and_tried_again_after_a_pause(
    every_studio_is_large, monkeypatch, caplog
):
    row = make_class()
    tries = []

    def fail():
        tries.append(1)
        raise OperationalError("gone")

    read_all = loading.read_all
    monkeypatch.setattr(loading, "read_all", fail)
    monkeypatch.setattr(keeping, "PAUSE", 0.5)

    assert ids() == [row.pk]
    assert eventually(lambda: "could not be read into memory" in caplog.text)
    assert ids() == ids() == [row.pk]
    assert len(tries) == 1

    monkeypatch.setattr(loading, "read_all", read_all)
    assert eventually(is_in_memory)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_threads_that_ask_at_once_read_once(monkeypatch):
    make_class()
    reads, answers = [], []
    read_all = loading.read_all

    def counted():
        reads.append(1)
        time.sleep(0.1)
        return read_all()

    def ask() -> None:
        answers.append(keeping.current().count(Choices()).total)
        connection.close()

    monkeypatch.setattr(loading, "read_all", counted)
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [1] * 8
    assert len(reads) == 1


@pytest.mark.django_db
def test_nobody_waits_long_for_another_thread(monkeypatch):
    row = make_class()
    monkeypatch.setattr(keeping, "PATIENCE", 0.01)

    with keeping._keeper.catching_up:
        assert isinstance(keeping.current(), SqlCatalogue)
        assert ids() == [row.pk]

    assert is_in_memory()


def test_fork_holds_no_lock_that_a_thread_of_its_parent_held():
    with keeping._keeper.catching_up:
        child = os.fork()
        if not child:
            os._exit(0 if keeping._keeper.catching_up.acquire(blocking=False) else 1)
        _pid, status = os.waitpid(child, 0)

    assert status == 0


@pytest.mark.django_db
def test_new_tag_reaches_a_class_that_was_there_before():
    row = make_class()
    from_memory()

    row.focus_tags.add(FocusTag.objects.create(name="Hips", slug="hips"))

    assert from_memory().vouched_tags_of(row.pk) == ["hips"]
