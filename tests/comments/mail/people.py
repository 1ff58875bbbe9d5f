"""Those who write mail and get it in these tests."""

from allauth.account.models import EmailAddress

from accounts.models import Member
from classes.models import WorkoutClass
from comments.mail import notices
from comments.models import Comment, Notice
from tests.factories import make_class, make_comment, make_instructor, make_member


def make_reader(**attrs) -> Member:
    """A member who confirmed the address, and so may be sent mail."""
    member = make_member(**attrs)
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    return member


def make_taught_class(teacher: Member, **attrs) -> WorkoutClass:
    return make_class(instructors=[make_instructor(member=teacher)], **attrs)


def say(workout_class: WorkoutClass, **attrs) -> Comment:
    """A comment that was told of."""
    comment = make_comment(workout_class, **attrs)
    notices.tell(comment)
    return comment


def make_notice(**attrs) -> Notice:
    """A mail that is due: a member wrote under the class of a teacher."""
    teacher = attrs.pop("teacher", None) or make_reader()
    say(make_taught_class(teacher, **attrs.pop("workout_class", {})), **attrs)
    return Notice.objects.get(recipient=teacher)


def told(comment: Comment) -> set[tuple[Member, str]]:
    """Who gets a mail about a comment, and which."""
    rows = Notice.objects.filter(comment=comment).select_related("recipient")
    return {(notice.recipient, notice.kind) for notice in rows}
