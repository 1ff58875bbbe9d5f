"""What is said in a large studio that does not exist: many threads under few classes."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Member
from classes import large_studio
from classes.models import Instructor, WorkoutClass
from classes.triggers import suspended
from comments.desk.waiting import waiting_since
from comments.models import Comment
from comments.triggers import everything_changed, triggers

AT_ONCE = 20_000  # comments in one statement
WRITERS = 400
# Whoever teaches answers most of it, and what is older than three weeks mostly needs no answer.
ANSWERED_BY_TEACHERS = 0.7
LEFT_WAITING = 0.02
THREE_WEEKS = 3 * 7 * 24 * 60  # minutes

_OPENINGS = (
    "My lower back thanks you.",
    "I do this one before breakfast.",
    "The bridge pulls behind my knee.",
    "This is the first class that left my neck alone.",
    "I had to stop at the side bend and came back to it on Thursday.",
    "Could you say more about the feet?",
    "Two weeks in, and the stairs are easier.",
    "Ma espalda lo agradece.",
)
_QUESTIONS = (
    "Which class would you do next?",
    "Is there one like it without kneeling?",
    "Should I feel that in the front of the hip?",
    "How often would you do it?",
    "Is it right after an operation?",
)
_ANSWERS = (
    "Try it again tomorrow, with the knees bent.",
    "Put a folded blanket under your head and tell me whether that helps.",
    "Once a week is enough at first.",
    "Leave that one out for now.",
    "The same happened to me.",
    "Thank you, that helped.",
)


@contextmanager
def unwatched() -> Iterator[None]:
    """What `classes.large_studio.unwatched` is, for conversations as well."""
    with large_studio.unwatched(), suspended(connection, triggers(connection.vendor)):
        yield
        everything_changed()


@dataclass
class LargeConversation:
    """Writes comments in bulk, best inside of `unwatched`.

    Whoever teaches gets an account, so that there are desks with threads that wait on them.

    `say` is told how many there are by then.
    """

    now: datetime
    seed: int = 7
    say: Callable[[int], None] = lambda number: None

    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311 - repeatable, not secret

    def grow_by(self, number: int, *, under: Sequence[int] = ()) -> None:
        """Write that many comments under these classes, or under all there are; keep their counts.

        Four in ten open a thread, the others answer one.
        """
        every = WorkoutClass.objects.order_by("pk").values_list("pk", flat=True)
        self.classes = list(under or every)
        if not self.classes or not number:
            return
        self.writers = self._writers()
        self.teachers = self._teachers()
        written = 0
        while written < number:
            size = min(AT_ONCE, number - written)
            self._write(size)
            written += size
            self.say(written)
        count_comments()
        look_who_waits()

    def _teachers(self) -> dict[int, list[int]]:
        """The accounts that teach each class, made for those of the large studio."""
        lacking = list(Instructor.objects.filter(member=None, slug__startswith="large-"))
        emails = {f"large-teacher-{each.pk}@example.org": each for each in lacking}
        Member.objects.bulk_create(
            [Member(email=email, display_name=each.name) for email, each in emails.items()],
            ignore_conflicts=True,
        )
        for member in Member.objects.filter(email__in=emails):
            emails[member.email].member = member
        Instructor.objects.bulk_update(lacking, ["member"], batch_size=500)
        teachers: dict[int, list[int]] = {}
        ties = WorkoutClass.instructors.through.objects.exclude(instructor__member=None)
        pairs = ties.order_by("pk").values_list("workoutclass_id", "instructor__member")
        for class_id, member_id in pairs:
            teachers.setdefault(class_id, []).append(member_id)
        return teachers

    def _writers(self) -> list[int]:
        """Without passwords: nobody signs in by these names."""
        Member.objects.bulk_create(
            [
                Member(email=f"large-writer-{number}@example.org", display_name=f"Writer {number}")
                for number in range(1, WRITERS + 1)
            ],
            ignore_conflicts=True,
        )
        writers = Member.objects.filter(email__startswith="large-writer-").order_by("pk")
        return list(writers.values_list("pk", flat=True))

    def _write(self, size: int) -> None:
        threads = Comment.objects.bulk_create(
            self._thread() for _ in range(max(1, round(size * 0.4)))
        )
        Comment.objects.bulk_create(
            self._reply(self.chance.choice(threads)) for _ in range(size - len(threads))
        )

    def _thread(self) -> Comment:
        # Squared: a few classes are talked about much more than the others.
        place = int(self.chance.random() ** 2 * len(self.classes))
        age = self.chance.randint(60, 2_000_000)
        rests = age > THREE_WEEKS and self.chance.random() > LEFT_WAITING
        return Comment(
            workout_class_id=self.classes[place],
            author_id=self.chance.choice(self.writers),
            body=f"{self.chance.choice(_OPENINGS)} {self.chance.choice(_QUESTIONS)}",
            written_at=self.now - timedelta(minutes=age),
            no_answer_needed_at=self.now - timedelta(minutes=age - 24 * 60) if rests else None,
        )

    def _reply(self, thread: Comment) -> Comment:
        written_at = thread.written_at or self.now
        teachers = self.teachers.get(thread.workout_class_id)
        answers = teachers and self.chance.random() < ANSWERED_BY_TEACHERS
        return Comment(
            workout_class_id=thread.workout_class_id,
            author_id=self.chance.choice(teachers if teachers and answers else self.writers),
            thread=thread,
            parent=thread,
            body=self.chance.choice(_ANSWERS),
            written_at=written_at + timedelta(minutes=self.chance.randint(1, 59)),
        )


def look_who_waits() -> None:
    """Say of every thread whether it waits, in one statement; some 20 µs for each."""
    Comment.objects.top_level().update(waiting_since=waiting_since())


def count_comments() -> None:
    """Write the number of published comments to every class, in one statement."""
    published = Comment.objects.published().filter(workout_class=OuterRef("pk")).order_by()
    number = published.values("workout_class").annotate(number=Count("pk")).values("number")
    WorkoutClass.objects.update(comment_count=Coalesce(Subquery(number), 0))
