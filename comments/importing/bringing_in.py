"""The comments of a file taken together: what each answers, who wrote it, and the writing."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid5

from allauth.account.models import EmailAddress
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from classes.models import FormerSlug, Variant, WorkoutClass
from comments import time_codes
from comments.importing.rows import Problem, Row
from comments.models import Comment, GoneSending
from comments.upkeep import keep_up, lock

T = TypeVar("T")

# So many values in one statement.
_AT_ONCE = 500
_COMMENTS_AT_ONCE = 1_000

# A reference becomes a `submission`, which the database takes once: that is what makes a second
# import of the same file find everything there.
_REFERENCES = UUID("a2b1f5d2-1a2e-4a57-8f0e-6d0f0c8c7a11")

_BEFORE_ALL_DATES = datetime.min.replace(tzinfo=UTC)


def submission_of(reference: str, origin: str) -> UUID:
    return uuid5(_REFERENCES, f"{origin}\n{reference}")


@dataclass
class Plan:
    """What is to be written, and what was found out about it."""

    new: list[Row] = field(default_factory=list)
    there: int = 0  # rows that an earlier import brought in, whatever became of them
    problems: list[Problem] = field(default_factory=list)
    classes: dict[str, int] = field(default_factory=dict)  # by what the file calls them
    members: dict[str, int] = field(default_factory=dict)  # by their confirmed address
    films: dict[tuple[int, str], Variant] = field(default_factory=dict)  # of a class
    stored: dict[str, "_Stored"] = field(default_factory=dict)  # by reference, also of parents
    gone: set[str] = field(default_factory=set)  # references of what was taken away since

    def class_of(self, row: Row) -> int:
        return self.classes[row.workout_class]

    @property
    def by_members(self) -> int:
        return sum(row.email in self.members for row in self.new)

    @property
    def threads(self) -> int:
        return sum(not row.answers for row in self.new)

    @property
    def class_ids(self) -> list[int]:
        return sorted({self.class_of(row) for row in self.new})


@dataclass(frozen=True)
class _Stored:
    """A comment that an earlier import brought in."""

    pk: int
    thread: int  # its own id, if it opens one
    workout_class: int


# --- Finding out --------------------------------------------------------------------------------


def plan(rows: Sequence[Row], origin: str) -> Plan:
    """Look up what the rows name. Changes nothing.

    Queries grow with the number of references by 500 and of classes by 500, not with the rows.
    """
    made = Plan()
    made.stored, made.gone = _stored(rows, origin)
    made.classes = _classes({row.workout_class for row in rows}, rows, made.problems)
    _refuse_references_given_twice(rows, made.problems)
    _refuse_parents(rows, made)
    known = made.stored.keys() | made.gone
    made.new = [row for row in rows if row.reference not in known]
    made.there = len(rows) - len(made.new)
    made.members = _members({row.email for row in made.new if row.email})
    made.films = _films(made)
    for row in made.new:
        if row.email and not row.name and row.email not in made.members:
            sentence = _("No member has confirmed this address, so a name is needed.")
            made.problems.append(Problem(row.number, "email", row.email, sentence))
    made.problems.sort(key=lambda problem: problem.number)
    return made


def _stored(rows: Iterable[Row], origin: str) -> tuple[dict[str, _Stored], set[str]]:
    """What is there, by reference, and the references of what was and is gone without a trace."""
    references = {row.reference for row in rows} | {row.answers for row in rows if row.answers}
    names = {submission_of(reference, origin): reference for reference in references}
    found: dict[str, _Stored] = {}
    gone = set()
    for some in _chunks(names, _AT_ONCE):
        taken = GoneSending.objects.filter(pk__in=some)
        for name, pk, thread, workout_class in taken.values_list(
            "pk", "comment", "comment__thread", "comment__workout_class"
        ):
            if pk:
                found[names[name]] = _Stored(pk, thread or pk, workout_class)
            else:
                gone.add(names[name])
        for pk, submission, thread, workout_class in Comment.objects.filter(
            submission__in=some
        ).values_list("pk", "submission", "thread_id", "workout_class_id"):
            if submission:  # so says its filter; its type does not
                found[names[submission]] = _Stored(pk, thread or pk, workout_class)
    return found, gone


def _classes(names: set[str], rows: Iterable[Row], problems: list[Problem]) -> dict[str, int]:
    """Ids of the classes, by slug, former slug or title. Two queries over all classes."""
    if not names:
        return {}
    by_slug: dict[str, int] = dict(
        FormerSlug.objects.filter(
            content_type=ContentType.objects.get_for_model(WorkoutClass)
        ).values_list("slug", "object_id")
    )
    by_title: dict[str, set[int]] = defaultdict(set)
    for pk, slug, title in WorkoutClass.objects.order_by().values_list("pk", "slug", "title"):
        by_slug[slug] = pk
        by_title[_folded(title)].add(pk)
    found: dict[str, int] = {}
    several = set()
    for name in names:
        titled = by_title.get(_folded(name), set())
        if addressed := by_slug.get(_slug_in(name)):
            found[name] = addressed
        elif len(titled) == 1:
            [found[name]] = titled
        elif titled:
            several.add(name)
    for row in rows:
        if row.workout_class in several:
            sentence = _("Several classes have this title. Write the address of the one.")
        elif row.workout_class not in found:
            sentence = _("There is no such class.")
        else:
            continue
        problems.append(Problem(row.number, "class", row.workout_class, sentence))
    return found


def _slug_in(name: str) -> str:
    """Of "mat", "/classes/mat/" and "https://studio.example/classes/mat/?t=3" it is "mat"."""
    try:
        parts = unquote(urlsplit(name).path).strip("/").split("/")
    except ValueError:
        return name
    return parts[1] if len(parts) > 1 and parts[0] == "classes" else name.lower()


def _folded(title: str) -> str:
    return " ".join(title.casefold().split())


def _refuse_references_given_twice(rows: Iterable[Row], problems: list[Problem]) -> None:
    first: dict[str, int] = {}
    for row in rows:
        if (number := first.setdefault(row.reference, row.number)) != row.number:
            sentence = _("Row %(number)d has this reference already.") % {"number": number}
            problems.append(Problem(row.number, "reference", row.reference, sentence))


def _refuse_parents(rows: Sequence[Row], made: Plan) -> None:
    """Answers to what there is not, to something under another class, or to themselves."""
    by_reference = {row.reference: row for row in rows}
    in_circle = _in_circle(by_reference)
    for row in rows:
        if (
            not row.answers
            or row.reference in made.stored
            or {row.reference, row.answers} & made.gone
        ):
            continue  # what answers something that is gone opens a thread
        parent, stored = by_reference.get(row.answers), made.stored.get(row.answers)
        if row.reference in in_circle:
            sentence = _("It answers itself, by way of others.")
        elif stored:
            if stored.workout_class == made.classes.get(row.workout_class):
                continue
            sentence = _("What it answers stands under another class.")
        elif parent is None:
            sentence = _("There is no comment with this reference to be answered.")
        elif made.classes.get(parent.workout_class) == made.classes.get(row.workout_class):
            continue
        else:
            sentence = _("What it answers stands under another class.")
        made.problems.append(Problem(row.number, "answers", row.answers, sentence))


def _in_circle(rows: dict[str, Row]) -> set[str]:
    """References from which no way leads up to a comment that opens a thread. Linear."""
    fine: set[str] = set()
    circling: set[str] = set()
    for start in rows:
        way: dict[str, None] = {}
        here = start
        while here in rows and here not in way and here not in fine and here not in circling:
            way[here] = None
            here = rows[here].answers
        (circling if here in way or here in circling else fine).update(way)
    return circling


def _members(emails: set[str]) -> dict[str, int]:
    """Only by a confirmed address: nobody gets another's words by typing their address."""
    found: dict[str, int] = {}
    for some in _chunks(emails, _AT_ONCE):
        confirmed = EmailAddress.objects.filter(verified=True, email__in=some)
        found.update(confirmed.values_list("email", "user_id"))
    return found


def _films(made: Plan) -> dict[tuple[int, str], Variant]:
    """The films that rows name as "workout-tempo/en", with their lengths."""
    named = [row for row in made.new if row.film and row.workout_class in made.classes]
    found = {}
    for some in _chunks({made.class_of(row) for row in named}, _AT_ONCE):
        for variant in Variant.objects.filter(workout_class__in=some).select_related("video"):
            place = f"{variant.tempo}/{variant.language.lower()}"
            found[variant.workout_class_id, place] = variant
    for row in named:
        if (made.class_of(row), row.film) not in found:
            sentence = _("The class has no such film. Write it like workout-tempo/en.")
            made.problems.append(Problem(row.number, "film", row.film, sentence))
    return found


# --- Writing ------------------------------------------------------------------------------------


@transaction.atomic
def bring_in(rows: Sequence[Row], *, origin: str = "", ask: bool = False) -> Plan:
    """Write what is not there yet, all of it or, where there are problems, nothing.

    Nobody gets mail and nothing is held. `ask` lets threads wait on desks as if they had been
    written here; without it they count as needing no answer. Some 250 µs of CPU and 3 KB a
    comment.
    """
    made = plan(rows, origin)
    if made.problems or not made.new:
        return made
    for some in _chunks(made.class_ids, _AT_ONCE):
        lock(some)
    now = timezone.now()
    comments = _write(made, origin, now)
    time_codes.keep_all(comments)
    threads = {comment.thread_id or comment.pk for comment in comments}
    if not ask:
        _let_rest(threads, now)
    for some in _chunks(made.class_ids, _AT_ONCE):
        keep_up(some, ())
    keep_up((), sorted(threads))
    return made


def _write(made: Plan, origin: str, now: datetime) -> list[Comment]:
    """Level by level, since an answer names what it answers by its id.

    Within a level by time: where two have the same moment, or none, the later id is newer.
    """
    written: dict[str, Comment] = {}
    for level in _levels(made):
        level.sort(key=lambda row: (row.written_at or _BEFORE_ALL_DATES, row.number))
        comments = [_comment(row, made, written, origin, now) for row in level]
        Comment.objects.bulk_create(comments, batch_size=_COMMENTS_AT_ONCE)
        written.update((row.reference, each) for row, each in zip(level, comments, strict=True))
    return list(written.values())


def _levels(made: Plan) -> list[list[Row]]:
    """Those that open threads or answer what is stored, the answers to those, and so on."""
    new = {row.reference for row in made.new}
    answers: dict[str, list[Row]] = defaultdict(list)
    level = []
    for row in made.new:
        if row.answers in new:
            answers[row.answers].append(row)
        else:
            level.append(row)
    levels = []
    while level:
        levels.append(level)
        level = [answer for row in level for answer in answers[row.reference]]
    return levels


def _comment(
    row: Row, made: Plan, written: dict[str, Comment], origin: str, now: datetime
) -> Comment:
    author_id = made.members.get(row.email)
    variant = made.films.get((made.class_of(row), row.film))
    comment = Comment(
        workout_class_id=made.class_of(row),
        author_id=author_id,
        author_name="" if author_id else row.name,
        body=row.text,
        written_at=row.written_at,
        state=row.state,
        removed_at=now if row.state == Comment.State.REMOVED else None,
        variant=variant,
        submission=submission_of(row.reference, origin),
    )
    if parent := written.get(row.answers):
        comment.parent_id, comment.thread_id = parent.pk, parent.thread_id or parent.pk
    elif stored := made.stored.get(row.answers):
        comment.parent_id, comment.thread_id = stored.pk, stored.thread
    return comment


def _let_rest(threads: Iterable[int], now: datetime) -> None:
    """Say of threads that nothing more need be said, but for those that wait already."""
    for some in _chunks(threads, _AT_ONCE):
        resting = Comment.objects.filter(pk__in=some, waiting_since__isnull=True)
        resting.update(no_answer_needed_at=now)


def _chunks(values: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some


def counted_by_sentence(problems: Iterable[Problem]) -> list[tuple[str, int]]:
    """How often each thing is wrong, the most frequent first."""
    return Counter(problem.sentence for problem in problems).most_common()
