"""The conversation under a class: which threads a page has, and what stands where in them.

Top-level comments come newest first and are numbered over the pages, 1 being the newest. Replies
follow beneath, oldest first, one level deep, whatever they answer. Undated ones come last in both.
The pinned one stands in front of the first page instead, without a number.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Page, Paginator

from accounts.models import Member
from classes.models import Variant, WorkoutClass
from classes.numbers import whole_number
from classes.prepared import Prepared
from comments.addresses import meanings
from comments.models import Comment
from comments.moving import moving
from comments.told import Told, on_page

THREADS_PER_PAGE = 20

Reader = Member | AnonymousUser

_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass
class Entry:
    """A comment where it stands. One that is not published stands for its replies only."""

    comment: Comment | Told
    teaches: bool  # its writer teaches this class
    answers: Comment | Told | None = None  # the reply it answers, if it does not answer the thread
    replies: list["Entry"] = field(default_factory=list)


@dataclass
class Conversation:
    """One page of the threads of a class, as everybody reads it."""

    threads: list[Entry]
    page: Page  # of the threads' places, counted from 0
    nonsense: bool  # what was asked for is no page, so this is the first
    pinned: Entry | None = None  # on the first page; not among the threads

    @cached_property
    def meanings(self) -> dict[str, str]:
        """What the addresses in the comments mean. Queries as `addresses.meanings`."""
        entries = [entry for thread in self.all_threads for entry in (thread, *thread.replies)]
        return meanings(entry.comment.body for entry in entries)

    @property
    def all_threads(self) -> list[Entry]:
        return [self.pinned, *self.threads] if self.pinned else self.threads

    def find(self, pk: str) -> Entry | None:
        """The published comment with this id, as an address gives it, if it is on this page."""
        for thread in self.all_threads:
            for entry in (thread, *thread.replies):
                if str(entry.comment.pk) == pk and entry.comment.is_published:
                    return entry
        return None


def conversation(workout_class: WorkoutClass, asked: str = "") -> Conversation:
    """The page that was asked for, or the first where that means nothing.

    One query, whatever there is to read, and one more where there is no such page. One more if the
    class's instructors are not loaded.
    """
    number = (whole_number(asked) or 0) if asked else 1
    comments, total = on_page(workout_class.pk, number, THREADS_PER_PAGE) if number else ([], 0)
    is_nonsense = number != 1 and not comments
    if is_nonsense:
        number = 1
        comments, total = on_page(workout_class.pk, number, THREADS_PER_PAGE)
    pinned, threads = build(comments, teachers_of(workout_class))
    return Conversation(
        threads=threads,
        page=Paginator(range(total), THREADS_PER_PAGE).page(number),
        nonsense=is_nonsense,
        pinned=pinned,
    )


def held_of(
    workout_class: WorkoutClass,
    reader: Reader,
    state: Hashable | None = None,
    variant: Variant | None = None,
) -> list[Comment]:
    """What this reader wrote that waits for the studio.

    No query for a visitor. For a member those of `moving`, which the film on the page, `variant`,
    shares; another if there is anything.
    """
    if not reader.is_authenticated:
        return []
    waiting = moving(workout_class.pk, variant.pk if variant else None, state)
    if reader.pk not in waiting.held_of:
        return []
    held = workout_class.comments.filter(state=Comment.State.HELD, author=reader)
    return list(held.select_related("author"))


def order_of(workout_class: WorkoutClass) -> tuple[int | None, list[int]]:
    """The pinned thread, and every other thread of a class in order. One query.

    The place in the list is the thread's number, less one.
    """
    pinned, ids = None, []
    for pk, is_pinned in _IN_ORDER.rows(workout_class.pk):
        if is_pinned:
            pinned = pk
        else:
            ids.append(pk)
    return pinned, ids


_IN_ORDER = Prepared(
    lambda class_id: (
        Comment.objects.filter(workout_class=class_id)
        .threads()
        .newest_first()
        .values_list("pk", "is_pinned")
    ),
    1,
)


def page_number(asked: str, last: int) -> int | None:
    """The page that a parameter asks for: 1 for none, None if there is no such page."""
    if not asked:
        return 1
    number = whole_number(asked)
    return number if number and number <= last else None


def page_with(workout_class: WorkoutClass, pk: str) -> str:
    """The page on which a comment stands, as a parameter; empty if it stands on none."""
    comment = workout_class.comments.filter(pk=whole_number(pk) or 0).first()
    page = _page_of(comment) if comment else None
    return str(page) if page else ""


def teachers_of(workout_class: WorkoutClass) -> set[int]:
    """Accounts that teach the class. No query where `for_page` loaded it."""
    return {
        instructor.member_id
        for instructor in workout_class.instructors.all()
        if instructor.member_id
    }


def build(comments: Iterable[Told], teachers: set[int]) -> tuple[Entry | None, list[Entry]]:
    """The pinned thread, and the others in order. Runs no query.

    A reply that is not published keeps its place only if a published one answers it.
    """
    by_id = {comment.pk: comment for comment in comments}
    answered = {comment.parent_id for comment in by_id.values() if comment.is_published}
    pinned, threads = None, []
    replies: dict[int, list[Entry]] = defaultdict(list)
    for comment in sorted(by_id.values(), key=_oldest_first):
        entry = Entry(comment, teaches=comment.author_id in teachers)
        if comment.thread_id is None:
            entry.replies = replies[comment.pk]
            if comment.is_pinned:
                pinned = entry
            else:
                threads.append(entry)
        elif comment.is_published or comment.pk in answered:
            if comment.parent_id and comment.parent_id != comment.thread_id:
                entry.answers = by_id.get(comment.parent_id)
            replies[comment.thread_id].append(entry)
    return pinned, sorted(threads, key=_newest_first)


def _oldest_first(comment: Told) -> tuple[datetime, int]:
    return (comment.written_at or _LATEST, comment.pk)


def _newest_first(thread: Entry) -> tuple[bool, float, int]:
    """As `CommentQuerySet.newest_first`."""
    moment = thread.comment.written_at
    return (moment is None, -moment.timestamp() if moment else 0, -thread.comment.pk)


def address_of(comment: Comment, reader: Reader, path: str = "") -> str | None:
    """The address at which `reader` finds a comment: class, page and anchor.

    `path` stands for the class's own, e.g. that of a variant. None if there is nothing to find:
    it is held or removed and has no place in its thread.
    """
    page = _page_of(comment)
    if page is None and not (comment.state == Comment.State.HELD and comment.is_by(reader)):
        return None
    query = f"?comments={page}" if page and page > 1 else ""
    path = path or comment.workout_class.get_absolute_url()
    return f"{path}{query}#comment-{comment.pk}"


def _page_of(comment: Comment) -> int | None:
    """The page on which a comment or its placeholder stands."""
    if not comment.is_published and comment.thread_id and not comment.answers.published().exists():
        return None
    thread_id = comment.thread_id or comment.pk
    pinned, ids = order_of(comment.workout_class)
    if thread_id == pinned:
        return 1
    try:
        place = ids.index(thread_id)
    except ValueError:
        return None
    return place // THREADS_PER_PAGE + 1
