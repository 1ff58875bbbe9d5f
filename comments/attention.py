"""What the conversation asks of curators."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import ngettext

from accounts.attention import Item
from accounts.models import Member
from comments.models import Comment

_EXAMPLES = 5


def held_comments(member: Member) -> Iterator[Item]:
    """Comments that wait for someone to approve or remove them; the longest waiting first."""
    if not member.has_perm("comments.change_comment"):
        return
    held = Comment.objects.filter(state=Comment.State.HELD)
    number = held.count()
    yield Item(
        title=ngettext("comment is held", "comments are held", number),
        count=number,
        link=f"{reverse('admin:comments_comment_changelist')}?state__exact={Comment.State.HELD}",
        examples=[
            (Truncator(comment.body).chars(60), _change(comment))
            for comment in held.order_by("pk")[:_EXAMPLES]
        ],
    )


def _change(comment: Comment) -> str:
    return reverse("admin:comments_comment_change", args=[comment.pk])
