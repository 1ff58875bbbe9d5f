"""The desk as one member sees it: threads that wait, the longest first, with what answering needs.

Eight queries, and those of `addresses.meanings`, whatever waits; two more for a curator. Which page
comes next is named by the last thread on this one, so that answering moves nothing out of sight.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

from django.db.models import Count, Exists, F, Max, OuterRef, Prefetch, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from accounts.models import Member
from classes.durations import clock
from classes.models import Chapter, Variant, WorkoutClass
from comments import holding, text, time_codes
from comments.addresses import meanings
from comments.desk.counting import threads_of
from comments.desk.waiting import teaching
from comments.forms import CommentForm
from comments.models import ClassRequest, Comment
from comments.threads import teachers_of

THREADS_PER_PAGE = 20
# Of a thread the opening and the latest replies; the rest stands on the class page.
REPLIES_SHOWN = 30
EARLIER_SHOWN = 3
_LOOKED_AT = 10  # of what somebody said last, for some of it stands in the thread itself

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_AFTER = re.compile(r"(\d{1,17})-(\d{1,18})", re.ASCII)
_UNDATED = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """Which part of the desk is looked at, as its address says: `class` and `after`."""

    class_slug: str = ""
    after: str = ""

    @property
    def query(self) -> str:
        """With its question mark; empty for the beginning of the whole desk."""
        given = {"class": self.class_slug, "after": self.after}
        query = urlencode({name: value for name, value in given.items() if value})
        return f"?{query}" if query else ""

    @property
    def position(self) -> tuple[datetime, int] | None:
        """Since when the last thread of the page before waits, and its id."""
        match = _AFTER.fullmatch(self.after)
        return (_EPOCH + int(match[1]) * _MICROSECOND, int(match[2])) if match else None

    @property
    def beginning(self) -> "Place":
        return Place(self.class_slug)

    def behind(self, thread: Comment) -> "Place":
        """The same from this thread on, which waits."""
        since = ((thread.waiting_since or _EPOCH) - _EPOCH) // _MICROSECOND
        return Place(self.class_slug, f"{since}-{thread.pk}")


@dataclass(frozen=True)
class Moment:
    """A second of a film that a comment speaks of."""

    address: str
    time: str  # "12:34"
    chapter: str  # what is taught there, if the film has chapters


@dataclass
class Said:
    """A comment as it is shown here."""

    comment: Comment
    teaches: bool
    is_new: bool  # nobody who teaches has answered it
    html: SafeString
    moments: list[Moment]
    answers: str = ""  # the name of the one to whom it is said, if not to the whole thread

    @property
    def request(self) -> ClassRequest | None:
        return getattr(self.comment, "request", None)

    @property
    def is_held(self) -> bool:
        return self.comment.state == Comment.State.HELD

    @property
    def reasons(self) -> list[str]:
        """Why it is held, in words."""
        return [holding.reason_of(name) for name in self.comment.held_for]


@dataclass(frozen=True)
class Earlier:
    """What somebody asked before."""

    comment: Comment
    is_answered: bool  # by somebody who teaches the class, in the thread and later

    @property
    def thread_id(self) -> int:
        return self.comment.thread_id or self.comment.pk


@dataclass
class Asker:
    name: str
    earlier: list[Earlier]


@dataclass
class Thread:
    """A thread with all that is needed to answer it."""

    opening: Comment
    earlier: list[Said]  # up to the last answer
    new: list[Said]  # nobody who teaches has answered these; the latest is answered by default
    askers: list[Asker]  # who wrote what is new, and asked something before
    is_cut: bool  # there are more replies than are shown
    form: CommentForm | None = None
    next_id: int | None = None  # the thread that follows on the page

    @property
    def workout_class(self) -> WorkoutClass:
        return self.opening.workout_class

    @property
    def address(self) -> str:
        """Where it is read: on the class page, where what is held stands for its writer alone."""
        place = self.opening if self.opening.is_published else self.workout_class
        return place.get_absolute_url()

    @property
    def latest(self) -> Comment:
        """The last comment that is shown: what was seen when something is decided."""
        return (self.new or self.earlier)[-1].comment

    @property
    def answered(self) -> Comment:
        """What an answer is given to, unless another is chosen."""
        return self.new[-1].comment if self.new else self.latest

    @property
    def choices(self) -> list[Said]:
        """What may be answered, where that is a question."""
        return self.new if len(self.new) > 1 else []

    @property
    def kept(self) -> list[Said]:
        """Members' comments that can be kept as a request, and are not yet."""
        said = (each for each in self.new or self.earlier if not each.comment.is_removed)
        return [each for each in said if not each.teaches and not each.request]


@dataclass(frozen=True)
class ClassThatWaits:
    slug: str
    title: str
    number: int  # of threads


@dataclass
class Board:
    place: Place
    classes: list[ClassThatWaits] = field(default_factory=list)
    threads: list[Thread] = field(default_factory=list)
    next_place: Place | None = None

    @property
    def number(self) -> int:
        """Of all that wait, or of those that wait under the chosen class."""
        chosen = self.place.class_slug
        return sum(each.number for each in self.classes if chosen in ("", each.slug))


def board(member: Member, place: Place) -> Board:
    """What waits for this member, from this place on."""
    waiting = threads_of(member)
    counts = waiting.order_by().values_list("workout_class__slug", "workout_class__title")
    classes = [ClassThatWaits(*row) for row in counts.annotate(number=Count("pk"))]
    classes.sort(key=lambda each: (each.title.casefold(), each.slug))

    if place.class_slug:
        waiting = waiting.filter(workout_class__slug=place.class_slug)
    if position := place.position:
        since, pk = position
        waiting = waiting.filter(Q(waiting_since__gt=since) | Q(waiting_since=since, pk__gt=pk))
    found = list(_loaded(waiting).order_by("waiting_since", "pk")[: THREADS_PER_PAGE + 1])
    on_page = found[:THREADS_PER_PAGE]
    threads = show(on_page, member)
    for thread, following in pairwise(threads):
        thread.next_id = following.opening.pk
    return Board(
        place=place,
        classes=classes,
        threads=threads,
        next_place=place.behind(on_page[-1]) if len(found) > len(on_page) else None,
    )


def find_thread(pk: int) -> Comment | None:
    """The thread that this comment opens, loaded for `show`, whether it waits or not."""
    return _loaded(Comment.objects.top_level()).filter(pk=pk).first()


def _loaded(threads: QuerySet[Comment]) -> QuerySet[Comment]:
    """Three queries."""
    films = Prefetch("workout_class__variants", Variant.objects.ready().select_related("video"))
    return (
        _with_writers(threads)
        .select_related("workout_class")
        .prefetch_related("workout_class__instructors", films)
    )


def _with_writers(comments: QuerySet[Comment]) -> QuerySet[Comment]:
    return comments.select_related("author", "request")


def show(openings: Sequence[Comment], member: Member) -> list[Thread]:
    """These threads, in this order, as `member` answers them. At most four queries and meanings'.

    Forms are the caller's.
    """
    replies = _replies(openings)
    shown = [comment for opening in openings for comment in _in_order(opening, replies[opening.pk])]
    meaning = meanings(comment.body for comment in shown)
    films = _films(openings, shown)

    def said(comment: Comment, opening: Comment, by_id: dict[int, Comment]) -> Said:
        parent = by_id.get(comment.parent_id or 0)
        teachers = teachers_of(opening.workout_class)
        teaches = comment.author_id in teachers
        return Said(
            comment=comment,
            teaches=teaches,
            is_new=not teaches and _is_new(comment, opening, by_id.values(), teachers),
            html=text.as_html(comment.body, meaning, time_link=partial(films.address, comment)),
            moments=[] if comment.is_removed else films.moments(comment),
            answers=parent.writer_name if parent and parent.thread_id else "",
        )

    threads = []
    for opening in openings:
        comments = _in_order(opening, replies[opening.pk])
        by_id = {comment.pk: comment for comment in comments}
        entries = [said(comment, opening, by_id) for comment in comments]
        threads.append(
            Thread(
                opening=opening,
                earlier=[entry for entry in entries if not entry.is_new],
                new=[entry for entry in entries if entry.is_new],
                askers=[],
                is_cut=len(replies[opening.pk]) == REPLIES_SHOWN,
            )
        )
    _tell_what_was_asked_before(threads, member)
    return threads


def _replies(openings: Sequence[Comment]) -> dict[int | None, list[Comment]]:
    """What is shown of each thread under its opening; one query."""
    latest_first = [F("written_at").desc(nulls_last=True), F("pk").desc()]
    replies: dict[int | None, list[Comment]] = defaultdict(list)
    for reply in _with_writers(
        Comment.objects.exclude(state=Comment.State.REMOVED)
        .filter(thread__in=[opening.pk for opening in openings])
        .alias(place=Window(RowNumber(), partition_by="thread", order_by=latest_first))
        .filter(place__lte=REPLIES_SHOWN)
    ):
        replies[reply.thread_id].append(reply)
    return replies


def _in_order(opening: Comment, replies: list[Comment]) -> list[Comment]:
    return [opening, *sorted(replies, key=_oldest_first)]


def _oldest_first(comment: Comment) -> tuple[datetime, int]:
    """Undated ones first: they are older than all others, as the rule has it."""
    return (comment.written_at or _UNDATED, comment.pk)


def _is_new(
    comment: Comment, opening: Comment, thread: Iterable[Comment], teachers: set[int]
) -> bool:
    """Whether the thread waits for this one: the first that waits says since when it does."""
    since = opening.waiting_since
    if since is None or comment.is_removed or (comment.written_at or _UNDATED) < since:
        return False
    if comment.state == Comment.State.HELD:
        return True
    answers = (each for each in thread if each.author_id in teachers and each.is_published)
    return all(_oldest_first(answer) < _oldest_first(comment) for answer in answers)


@dataclass
class _Films:
    """The films under which comments were written: where a second of one is, and what is there."""

    variants: dict[int, Variant]
    chapters: dict[int, list[Chapter]]

    def address(self, comment: Comment, second: int) -> str | None:
        """None where it was written under no film, or one that is not that long."""
        variant = self.variants.get(comment.variant_id or 0)
        if variant is None or second >= time_codes.length_of(variant):
            return None
        return f"{variant.get_absolute_url()}?t={second}#t={second}"

    def moments(self, comment: Comment) -> list[Moment]:
        """Those that the text names, each once."""
        seconds = dict.fromkeys(second for _start, _end, second in time_codes.find(comment.body))
        return [
            Moment(address, clock(timedelta(seconds=second)), self._chapter(comment, second))
            for second in seconds
            if (address := self.address(comment, second))
        ]

    def _chapter(self, comment: Comment, second: int) -> str:
        for chapter in self.chapters.get(comment.variant_id or 0, ()):
            if chapter.start <= second < chapter.end:
                return chapter.label
        return ""


def _films(openings: Sequence[Comment], comments: Iterable[Comment]) -> _Films:
    """One query, for the chapters of the films of which a second is named."""
    variants = {
        variant.pk: variant
        for opening in openings
        for variant in opening.workout_class.ready_variants
    }
    named = {
        comment.variant_id
        for comment in comments
        if comment.variant_id in variants and any(time_codes.find(comment.body))
    }
    chapters: dict[int, list[Chapter]] = defaultdict(list)
    if named:
        for chapter in Chapter.objects.filter(variant__in=named).select_related("exercise"):
            chapters[chapter.variant_id].append(chapter)
    return _Films(variants, chapters)


# --- What they asked before ---------------------------------------------------------------------


def _tell_what_was_asked_before(threads: Sequence[Thread], member: Member) -> None:
    """Two queries for all of them."""
    writers = {
        said.comment.author_id: said.comment.writer_name
        for thread in threads
        for said in thread.new
        if said.comment.author_id
    }
    before = _asked_before(writers, member) if writers else {}
    for thread in threads:
        here = thread.opening.pk
        asking = dict.fromkeys(said.comment.author_id for said in thread.new)
        for writer in filter(None, asking):
            elsewhere = [each for each in before.get(writer, ()) if each.thread_id != here]
            if elsewhere:
                thread.askers.append(Asker(writers[writer], elsewhere[:EARLIER_SHOWN]))


def _asked_before(writers: Iterable[int], member: Member) -> dict[int | None, list[Earlier]]:
    """The latest that each of them said under any class that `member` may see, latest first.

    By ids alone, and not by what opens a thread: for that SQLite reads every thread of the studio.
    Reads all that they wrote; twenty people with 300 comments each take 40 ms.
    """
    latest_first = [F("written_at").desc(nulls_last=True), F("pk").desc()]
    latest = (
        Comment.objects.published()
        .filter(author__in=writers)
        .alias(place=Window(RowNumber(), partition_by="author", order_by=latest_first))
        .filter(place__lte=_LOOKED_AT)
    )
    visible = WorkoutClass.objects.visible_to(member).filter(pk=OuterRef("workout_class"))
    questions = list(
        Comment.objects.filter(Exists(visible), pk__in=latest.values("pk"))
        .select_related("workout_class")
        .order_by()
    )
    questions.sort(key=_oldest_first, reverse=True)
    tied = teaching().filter(
        workoutclass=OuterRef("workout_class"), instructor__member=OuterRef("author")
    )
    in_threads = Comment.objects.published().filter(
        Exists(tied), thread__in={question.thread_id or question.pk for question in questions}
    )
    answered = dict(in_threads.order_by().values_list("thread").annotate(Max("written_at")))
    before: dict[int | None, list[Earlier]] = defaultdict(list)
    for question in questions:
        answer = answered.get(question.thread_id or question.pk)
        is_answered = answer is not None and answer > (question.written_at or _UNDATED)
        before[question.author_id].append(Earlier(question, is_answered))
    return before
