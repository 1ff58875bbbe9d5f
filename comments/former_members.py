"""What becomes of somebody's comments when their account goes.

What nobody answered is deleted. Where others' words stand under it, a comment keeps its place:
**hollow**, a note without words, name and history, or, if its writer chose that, with its words
under "former member". Words that nobody can read, held or taken away, stay in neither case.

A hollow comment stands for what is under it only. It goes with the last of that, whoever wrote it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice

from django.db import transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Departure, Member
from comments.importing.gone import remember
from comments.log import forget_words
from comments.models import ClassRequest, Comment, Decision, Report, Stop, TimeCode, Vote
from comments.moderation import HOLLOW
from comments.upkeep import classes_of, keep_up, lock

_AT_ONCE = 5_000  # ids in one statement: a database takes no endless list of numbers
_MANY = 2_000  # comments: up to so many go in one transaction with the account, in half a second
_STEP = 1_000  # comments of one step ahead of that
_THREADS_OF_A_STEP = 500


@dataclass(frozen=True)
class _Fates:
    """Ids of comments, by what becomes of them."""

    deleted: list[int]  # answers before what they answer
    hollowed: list[int]
    left: list[int]  # with their words

    def first(self, most: int) -> "_Fates":
        """So many of them, in the order in which the rest is judged afterwards as it is now.

        No answer outlives what it answers. And what is left with its words comes last: nobody's
        any more, these would be an answer that somebody else gave.
        """
        deleted = self.deleted[:most]
        hollowed = self.hollowed[: most - len(deleted)]
        left = self.left[: most - len(deleted) - len(hollowed)]
        return _Fates(deleted, hollowed, left)


@transaction.atomic
def erase_comments(member: Member, words: Departure.Words) -> None:
    """Take a member's words away, or leave those that were answered without their name.

    A constant number of queries for every 5,000 comments. The threads are judged as they stand
    with nobody writing in them; those that wait, and the counts, follow.
    """
    class_ids = classes_of(Comment.objects.filter(author=member))
    if class_ids:
        lock(class_ids)
        _erase(member, words, class_ids, _threads_of(member))


def steps_ahead(member: Member) -> list[Callable[[Departure.Words], None]]:
    """For somebody who wrote very much: most of it in transactions of its own, none of which
    keeps the others waiting for longer than a moment. Nothing for anybody else.

    What becomes of a comment depends on its thread alone, and each step judges whole threads: in
    the end it is as if all had gone at once. Two queries for every 5,000 threads.
    """
    sizes = _sizes(member, _threads_of(member))
    if sum(sizes.values()) <= _MANY:
        return []
    return [partial(_erase_some, member, threads) for threads in _for_steps(sizes)]


def _sizes(member: Member, threads: Collection[int]) -> dict[int, int]:
    """How many comments may go from each of these threads: theirs, and those that are hollow."""
    sizes: dict[int, int] = {}
    for ids in _slices(threads):
        in_threads = Comment.objects.filter(Q(pk__in=ids) | Q(thread__in=ids)).order_by()
        may_go = in_threads.filter(Q(author=member) | HOLLOW)
        counted = may_go.values(top=Coalesce("thread", "pk")).annotate(number=Count("pk"))
        sizes.update(counted.values_list("top", "number"))
    return sizes


def _for_steps(sizes: Mapping[int, int]) -> Iterator[list[int]]:
    """Threads for one step after the other. One that is too long for a step comes up again."""
    threads: list[int] = []
    number = 0
    for thread, size in sorted(sizes.items()):
        if threads and (number + size > _STEP or len(threads) == _THREADS_OF_A_STEP):
            yield threads
            threads, number = [], 0
        threads = [*threads, thread]
        number += size
        while number > _STEP:
            yield threads
            number -= _STEP
    if threads:
        yield threads


@transaction.atomic
def _erase_some(member: Member, threads: list[int], words: Departure.Words) -> None:
    class_ids = classes_of(Comment.objects.filter(pk__in=threads))
    lock(class_ids)
    _erase(member, words, class_ids, set(threads), most=_STEP)


def _threads_of(member: Member) -> set[int]:
    """Ids of the comments that open the threads in which they wrote."""
    own = Comment.objects.filter(author=member).annotate(top=Coalesce("thread", "pk"))
    return set(own.order_by().values_list("top", flat=True))


def _erase(
    member: Member,
    words: Departure.Words,
    class_ids: list[int],
    threads: set[int],
    *,
    most: int | None = None,
) -> None:
    fates = _fates(member, words, threads)
    if most is not None:
        fates = fates.first(most)
    own_ids = [*fates.deleted, *fates.hollowed, *fates.left]
    forget_words(Comment, own_ids)
    for ids in _slices(own_ids):  # a request is named by the words that asked
        requests = ClassRequest.objects.filter(comment__in=ids)
        forget_words(ClassRequest, list(requests.values_list("pk", flat=True)))
    for ids in _slices(fates.deleted):
        remember(ids, in_place=False)
        Comment.objects.filter(pk__in=ids).delete()
    for ids in _slices(fates.hollowed):
        remember(ids, in_place=True)
        _hollow(ids)
    for ids in _slices(fates.left):
        remember(ids, in_place=True)
        # The name of its sending was made of the member's id; an edition is for its writer's form.
        Comment.objects.filter(pk__in=ids).update(
            author=None, author_name="", submission=None, edition=F("edition") + 1
        )
    keep_up(class_ids, threads)


def erase_stops(member: Member, words: Departure.Words) -> None:
    """The log names a stop by whom it stopped."""
    stops = Stop.objects.filter(member=member)
    forget_words(Stop, list(stops.values_list("pk", flat=True)))
    stops.delete()


def _fates(member: Member, words: Departure.Words, threads: set[int]) -> _Fates:
    parents: dict[int, int | None] = {}
    own: dict[int, bool] = {}  # whether everybody reads it
    hollow: set[int] = set()
    for ids in _slices(threads):
        in_threads = Comment.objects.filter(Q(pk__in=ids) | Q(thread__in=ids)).order_by()
        # The words themselves stay in the database.
        rows = in_threads.annotate(has_no_words=HOLLOW).values_list(
            "pk", "parent_id", "author_id", "state", "has_no_words"
        )
        for pk, parent_id, author_id, state, has_no_words in rows.iterator():
            parents[pk] = parent_id
            if author_id == member.pk:
                own[pk] = state == Comment.State.PUBLISHED
            elif has_no_words:
                hollow.add(pk)
    answered = _above(parents, parents.keys() - own.keys() - hollow)
    left: set[int] = set()
    if words == Departure.Words.FORMER_MEMBER:
        left = {pk for pk in answered | _wanted(member) if own.get(pk)}
    kept = answered | _above(parents, left)
    depths = _depths(parents)
    return _Fates(
        deleted=sorted((own.keys() | hollow) - kept, key=lambda pk: (-depths[pk], pk)),
        hollowed=sorted((own.keys() & kept) - left),
        left=sorted(left),
    )


def _depths(parents: Mapping[int, int | None]) -> dict[int, int]:
    """How deep each comment stands: what opens a thread at 1."""
    depths: dict[int, int] = {}
    for pk in parents:
        path = []
        at: int | None = pk
        while at is not None and at not in depths:
            path.append(at)
            at = parents[at]
        above = 0 if at is None else depths[at]
        depths.update((pk, above + down) for down, pk in enumerate(reversed(path), 1))
    return depths


def _above(parents: dict[int, int | None], ids: Collection[int]) -> set[int]:
    """These and all that they answer, up to what opens their threads."""
    found: set[int] = set()
    for pk in ids:
        at: int | None = pk
        while at is not None and at not in found:
            found.add(at)
            at = parents[at]
    return found


def _wanted(member: Member) -> set[int]:
    """What asks for a class that others want too: they answered it without words."""
    votes = Vote.objects.filter(request__comment__author=member).exclude(member=member)
    return set(votes.order_by().values_list("request__comment", flat=True))


def _hollow(ids: Collection[int]) -> None:
    """Leave of comments nothing but their places in their threads.

    What was decided and reported about them goes, too: it speaks of words that are no more. So does
    what was asked for in them, whose title is made of them.
    """
    for model in (TimeCode, Report, Decision, ClassRequest):
        model._default_manager.filter(comment__in=ids).delete()
    Comment.objects.filter(pk__in=ids).update(
        author=None,
        author_name="",
        body="",
        variant=None,
        is_pinned=False,
        state=Comment.State.REMOVED,
        held_for=[],
        edited_at=None,
        edition=F("edition") + 1,
        removed_at=timezone.now(),
        removed_by=None,
        submission=None,
    )


def _slices(ids: Collection[int], size: int = _AT_ONCE) -> Iterator[list[int]]:
    rest = iter(sorted(ids))
    while some := list(islice(rest, size)):
        yield some
