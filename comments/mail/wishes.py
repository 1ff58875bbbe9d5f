"""Who may be sent mail, and who wants none."""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Member
from classes.models import Instructor, WorkoutClass
from comments.models import ClassRequest, Mute, Notice, Unsubscription

Kind = Notice.Kind


def who_want(kind: Kind, thread_id: int, member_ids: Iterable[int]) -> QuerySet[Member]:
    """Of these members those who may be sent mail of this kind about this thread. One query.

    Their account is active, the address that it has now was confirmed, and they said neither that
    they want no mail of the kind nor none about the thread.
    """
    confirmed = EmailAddress.objects.filter(
        user=OuterRef("pk"), verified=True, email__iexact=OuterRef("email")
    )
    muted = Mute.objects.filter(member=OuterRef("pk"), thread=thread_id)
    unsubscribed = Unsubscription.objects.filter(member=OuterRef("pk"), kind=kind)
    return Member.objects.filter(
        Exists(confirmed), ~Exists(muted), ~Exists(unsubscribed), pk__in=member_ids, is_active=True
    ).order_by("pk")


def is_still_wanted(notice: Notice) -> bool:
    """Whether what was worth a mail when it was written down still is.

    The comment may have been removed since, the class withdrawn, the teacher changed, the reader
    have had enough. Three queries at most, and two for the rights of staff. Needs the notice's
    comment, its class and the recipient.
    """
    comment, member = notice.comment, notice.recipient
    kind = Kind(notice.kind)
    if not who_want(kind, comment.thread_id or comment.pk, [member.pk]).exists():
        return False
    if kind == Kind.REQUEST:
        # The class is what they hear of: it stays worth hearing of if the asking was taken back.
        listed = WorkoutClass.objects.listed()
        return ClassRequest.objects.filter(comment=comment, fulfilled_by__in=listed).exists()
    if not comment.is_published:
        return False
    teachers = teachers_of(comment.workout_class_id)
    if kind == Kind.COMMENT and not teachers.filter(member=member).exists():
        return False
    visible = WorkoutClass.objects.visible_to(member)
    return visible.filter(pk=comment.workout_class_id).exists()


def teachers_of(class_id: int) -> QuerySet[Instructor]:
    """Those who teach the class and have an account to hear of it with."""
    return Instructor.objects.filter(
        pk__in=WorkoutClass.instructors.through.objects.filter(workoutclass=class_id).values(
            "instructor"
        ),
        member__isnull=False,
    ).order_by("pk")
