"""How much waits for one member."""

from django.db.models import QuerySet

from accounts.models import Member
from classes.models import Instructor, WorkoutClass
from comments.models import Comment

# From there on the header says "99+".
MOST = 100


def taught_by(member: Member) -> Instructor | None:
    """The member's page as an instructor. No query for who is signed in (`classes.signed_in`)."""
    return getattr(member, "instructor", None)


def threads_of(member: Member) -> QuerySet[Comment]:
    """What waits on a member's desk: of their own classes; of all for curators who teach none."""
    waiting = Comment.objects.filter(waiting_since__isnull=False)
    return waiting.filter(workout_class__in=classes_of(member))


def classes_of(member: Member) -> QuerySet[WorkoutClass]:
    """The classes whose threads come to this member's desk: own ones before they are published."""
    if instructor := taught_by(member):
        return WorkoutClass.objects.filter(instructors=instructor)
    visible = WorkoutClass.objects.visible_to(member)
    return visible if is_curator(member) else visible.none()


def is_curator(member: Member) -> bool:
    """Whether they decide about comments. Only staff are asked for their rights: two queries."""
    return member.is_staff and member.has_perm("comments.change_comment")


def count_for(member: Member) -> int:
    """How many threads wait for a member who teaches, at most `MOST`; 0 for all others.

    One query for who teaches, none for others, if `member` is who is signed in.
    """
    if taught_by(member) is None:
        return 0
    return len(threads_of(member).order_by().values_list("pk")[:MOST])
