"""Keeps the documents of the search as the catalogue is.

The database notes every change of the catalogue (`classes.catalogue.changes`), whoever makes it.
`catch_up` makes the documents of what changed since the version of which they are, and notes the
version of which they are then. It is called

- after every transaction that saved or deleted a row of the catalogue through the ORM, or counted
  comments: at once, by whoever made the change (`follow_after_commit`);
- by the worker every 30 seconds, for what no signal tells of: bulk updates, raw SQL, a process that
  was killed between its commit and this.

So what is found is stale for a moment after a save, and for up to half a minute after a bulk
change. What concerns all classes, a rule or the name of an exercise, is made at once where there
are no more than `AT_ONCE` of them, and else by the worker within minutes, a `BATCH` in each
transaction, so that others can write in between. All that time titles and texts may be found as
they were; tags are not (`trust`). Whether a class is listed is none of the search's business.

Any number of processes may do this at once. Each batch holds the row of `SearchState`, reads what
it is made of after it has got that, and goes no further where another has been quicker. One that
fails, or is killed, has written whole batches or nothing, and the next begins where it began.
"""

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models.signals import m2m_changed, post_delete, post_save

from classes.catalogue.answers import Version
from classes.catalogue.changes import current_version, since
from classes.catalogue.triggers import WATCHED
from classes.models import SearchDocument, SearchMoment, SearchState, SearchWord, WorkoutClass

from .documents import Document, MomentRow, Words, make_documents
from .engines import engine
from .words import MAX_LENGTH, fold

AT_ONCE = 1_000  # classes whose documents are made while somebody waits
BATCH = 200  # classes a transaction
_ATTEMPTS = 5
_SHORTEST = 3  # letters of a word that others may have misspelt
_WORDS_AT_ONCE = 500


def follow_changes() -> None:
    """Connect `follow_after_commit` with all that the catalogue is made of."""
    for watched in WATCHED:
        model, name = watched.model, f"search.{watched.table}"
        if model._meta.auto_created:
            m2m_changed.connect(follow_after_commit, sender=model, dispatch_uid=name)
        else:
            post_save.connect(follow_after_commit, sender=model, dispatch_uid=name)
            post_delete.connect(follow_after_commit, sender=model, dispatch_uid=name)


def follow_after_commit(**kwargs: Any) -> None:
    """Have the documents caught up when this transaction is over. Also a receiver.

    What goes wrong then stands in the log, and the worker tries again.
    """
    if _local.__dict__.get("errand") is None:
        _local.errand = _Errand()
    transaction.on_commit(_local.errand.run, robust=True)


class _Errand:
    """Done once, however many rows of a transaction asked for it."""

    is_done = False

    def run(self) -> None:
        if not self.is_done:
            self.is_done = True
            _local.errand = None
            catch_up(at_most=AT_ONCE)


_local = threading.local()  # a connection belongs to a thread


def catch_up(*, at_most: int | None = None) -> None:
    """Make the documents of what changed. Two queries where nothing did.

    Makes none where that would be more than `at_most`.
    """
    for _attempt in range(_ATTEMPTS):
        made_of = _made_of()
        work = _work_since(made_of)
        if work is None or (at_most is not None and len(work.class_ids) > at_most):
            return
        if _do(work, made_of):
            return


def rebuild() -> None:
    """Make all anew, the database's own index too, for when no version tells what is wrong."""
    SearchState.objects.update(number=0, stamp=0)
    catch_up()
    with connection.cursor() as cursor:
        for statement in engine().after_rebuilding():
            cursor.execute(statement)


@dataclass(frozen=True)
class _Work:
    class_ids: Sequence[int]
    brings_to: Version
    is_all: bool

    def batches(self) -> Iterator[tuple[Sequence[int], bool]]:
        """At least one; with whether it is the last."""
        starts = range(0, max(len(self.class_ids), 1), BATCH)
        for start in starts:
            yield self.class_ids[start : start + BATCH], start == starts[-1]


def _made_of(*, hold: bool = False) -> Version:
    """The version of which the documents are; `hold` makes others wait who ask with it."""
    states = SearchState.objects.select_for_update() if hold else SearchState.objects.all()
    state, _is_new = states.get_or_create(pk=1, defaults={"number": 0, "stamp": 0})
    return Version(state.number, state.stamp)


def _work_since(made_of: Version) -> _Work | None:
    changed = since(made_of)
    if changed is None:
        return _everything()
    if changed.version == made_of:
        return None
    return _Work(sorted(changed.class_ids), changed.version, is_all=False)


def _everything() -> _Work:
    version = current_version()  # before the classes: one that comes in between is made twice
    classes = WorkoutClass.objects.order_by("pk").values_list("pk", flat=True)
    return _Work(list(classes), version, is_all=True)


def _do(work: _Work, made_of: Version) -> bool:
    """Whether it is done; not where another process was quicker."""
    words: set[str] = set()
    for class_ids, is_last in work.batches():
        with transaction.atomic():
            if _made_of(hold=True) != made_of:
                return False
            documents = make_documents(class_ids)
            texts = {class_id: document.words for class_id, document in documents.items()}
            _store_documents(class_ids, texts)
            _store_moments(class_ids, documents)
            new = {word for text in texts.values() for word in _spelt(text)} - words
            _store_words(new)
            words |= new
            if is_last:
                if work.is_all:
                    _forget_words_besides(words)
                number, stamp = work.brings_to
                SearchState.objects.update(number=number, stamp=stamp)
    return True


# --- Only what differs is written ---------------------------------------------------------------


def _store_documents(class_ids: Sequence[int], texts: Mapping[int, Words]) -> None:
    stored = {
        class_id: Words(*text)
        for class_id, *text in SearchDocument.objects.filter(pk__in=class_ids).values_list(
            "pk", *Words._fields
        )
    }
    changed = [class_id for class_id, text in texts.items() if stored.get(class_id) != text]
    SearchDocument.objects.filter(pk__in=changed).delete()
    SearchDocument.objects.bulk_create(
        SearchDocument(workout_class_id=class_id, **texts[class_id]._asdict())
        for class_id in changed
    )


def _store_moments(class_ids: Sequence[int], documents: Mapping[int, Document]) -> None:
    stored: dict[int, list[MomentRow]] = {}
    rows = SearchMoment.objects.filter(workout_class__in=class_ids).order_by("pk")
    for class_id, *moment in rows.values_list("workout_class_id", *MomentRow._fields):
        stored.setdefault(class_id, []).append(MomentRow(*moment))
    changed = [
        class_id
        for class_id, document in documents.items()
        if stored.get(class_id, []) != document.moments
    ]
    SearchMoment.objects.filter(workout_class__in=changed).delete()
    SearchMoment.objects.bulk_create(
        SearchMoment(workout_class_id=class_id, **moment._asdict())
        for class_id in changed
        for moment in documents[class_id].moments
    )


def _spelt(text: Words) -> set[str]:
    """The words that somebody may have meant."""
    words = {word for column in text for word in column.split()}
    return {word for word in words if len(word) >= _SHORTEST and word.isalpha()}


def _store_words(words: Collection[str]) -> None:
    for some in _some_of(sorted(words)):
        known = set(
            SearchWord.objects.filter(word__in=some).values_list("word", flat=True),
        )
        SearchWord.objects.bulk_create(
            (
                SearchWord(word=word, folded=fold(word)[:MAX_LENGTH])
                for word in some
                if word not in known
            ),
            ignore_conflicts=True,
        )


def _forget_words_besides(words: Collection[str]) -> None:
    known = SearchWord.objects.values_list("pk", "word")
    for some in _some_of([pk for pk, word in known if word not in words]):
        SearchWord.objects.filter(pk__in=some).delete()


def _some_of(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), _WORDS_AT_ONCE):
        yield items[start : start + _WORDS_AT_ONCE]
