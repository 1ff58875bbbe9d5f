"""What the conversation asks of curators."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import ngettext

from accounts.attention import Item
from accounts.models import Member
from comments.models import ClassRequest, Comment, Report

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
        examples=_examples(held),
    )


def reported_comments(member: Member) -> Iterator[Item]:
    """Comments that everybody sees and somebody reported; those that reports hold are held."""
    if not member.has_perm("comments.change_comment"):
        return
    reported = Comment.objects.published().filter(pk__in=Report.objects.open().values("comment"))
    number = reported.count()
    query = f"reported=yes&state__exact={Comment.State.PUBLISHED}"
    yield Item(
        title=ngettext("comment is reported", "comments are reported", number),
        count=number,
        link=f"{reverse('admin:comments_comment_changelist')}?{query}",
        examples=_examples(reported),
        tone="problem",
    )


def open_requests(member: Member) -> Iterator[Item]:
    """Classes that members ask for and nobody has tied a class to; the oldest first."""
    if not member.has_perm("comments.change_classrequest"):
        return
    waiting = ClassRequest.objects.open().filter(
        fulfilled_by__isnull=True, comment__state=Comment.State.PUBLISHED
    )
    number = waiting.count()
    yield Item(
        title=ngettext("class is asked for", "classes are asked for", number),
        count=number,
        link=f"{reverse('admin:comments_classrequest_changelist')}?is=open",
        examples=[
            (request.title, reverse("comments:request_tie", args=[request.pk]))
            for request in waiting.order_by("kept_at", "pk")[:_EXAMPLES]
        ],
    )


def _examples(comments: QuerySet[Comment]) -> list[tuple[str, str]]:
    return [
        (
            Truncator(comment.body).chars(60),
            reverse("admin:comments_comment_change", args=[comment.pk]),
        )
        for comment in comments.order_by("pk")[:_EXAMPLES]
    ]
