"""What the conversation keeps of a person: in their file, gone with their account, or a trace.

The words of a comment are its writer's. What others said stays, quotes of somebody who left
included: those are the words of whoever quoted.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Departure, Member
from accounts.privacy.registry import Holding, Record, Trace
from accounts.privacy.retention import rule_for_rows
from comments import former_members
from comments.log import forget_words
from comments.models import (
    Comment,
    Decision,
    Mute,
    Notice,
    Report,
    SavedFilter,
    Stop,
    Unsubscription,
    Vote,
)

_AT_ONCE = 1_000
_TOLD = (
    "pk",
    "workout_class__title",
    "written_at",
    "edited_at",
    "parent",
    "body",
    "state",
    "removed_at",
    "request__title",
)

# Nobody is told of what was said longer ago than a month (`moderation.NEWS_FOR`): after three, the
# row of a mail keeps nobody from getting it twice any more.
_MAIL_KEPT_FOR = timedelta(days=90)


def _comments(member: Member) -> Iterator[Record]:
    """Three queries for each thousand. Rows and not objects: of a hundred thousand these would
    take minutes."""
    comments = Comment.objects.filter(author=member).order_by("pk").values(*_TOLD)
    rest = comments.iterator(chunk_size=_AT_ONCE)
    while some := list(islice(rest, _AT_ONCE)):
        ids = [comment["pk"] for comment in some]
        # Who reported it is theirs to tell.
        reports = _by_comment(Report, ids, "reason", "made_at")
        decisions = _by_comment(Decision, ids, "act", "reason", "made_at")
        for comment in some:
            yield {
                "class": comment["workout_class__title"],
                "address": _address(comment["pk"]),
                "written_at": comment["written_at"],
                "edited_at": comment["edited_at"],
                "is_answer": comment["parent"] is not None,
                "text": comment["body"],
                "state": comment["state"],
                "removed_at": comment["removed_at"],
                "kept_as_a_request": comment["request__title"],
                "reports": [
                    {"reason": reason, "made_at": made_at}
                    for _pk, reason, made_at in reports[comment["pk"]]
                ],
                "decisions": [
                    {"decision": act, "reason": reason, "made_at": made_at}
                    for _pk, act, reason, made_at in decisions[comment["pk"]]
                ],
            }


def _by_comment(
    model: type[Model], ids: list[int], *fields: str
) -> defaultdict[int, list[tuple[Any, ...]]]:
    """What hangs on each of these comments: its id, and the fields."""
    found: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    rows = model._default_manager.filter(comment__in=ids).order_by("pk")
    for row in rows.values_list("comment_id", *fields):
        found[row[0]].append(row)
    return found


def _reports(member: Member) -> Iterator[Record]:
    reports = Report.objects.filter(member=member).select_related("comment__workout_class")
    for report in reports.iterator():
        yield {
            "class": report.comment.workout_class.title,
            "comment": _address(report.comment_id),
            "reason": report.reason,
            "note": report.note,
            "made_at": report.made_at,
            "settled_at": report.settled_at,
        }


def _votes(member: Member) -> Iterator[Record]:
    votes = Vote.objects.filter(member=member).select_related("request").order_by("pk")
    for vote in votes.iterator():
        yield {"wanted": vote.request.title, "made_at": vote.made_at}


def _saved_filters(member: Member) -> Iterator[Record]:
    for saved in SavedFilter.objects.filter(member=member).iterator():
        address = f"{settings.SITE_URL}{saved.address}"
        yield {"name": saved.name, "address": address, "saved_at": saved.saved_at}


def _notices(member: Member) -> Iterator[Record]:
    notices = Notice.objects.filter(recipient=member).select_related("comment__workout_class")
    for notice in notices.order_by("pk").iterator():
        yield {
            "about": notice.kind,
            "class": notice.comment.workout_class.title,
            "comment": _address(notice.comment_id),
            "state": notice.state,
            "made_at": notice.made_at,
            "sent_at": notice.sent_at,
            "error": notice.error,
        }


def _mutes(member: Member) -> Iterator[Record]:
    mutes = Mute.objects.filter(member=member).select_related("thread__workout_class")
    for mute in mutes.order_by("pk").iterator():
        yield {
            "class": mute.thread.workout_class.title,
            "thread": _address(mute.thread_id),
            "made_at": mute.made_at,
        }


def _unsubscriptions(member: Member) -> Iterator[Record]:
    for unwanted in Unsubscription.objects.filter(member=member).order_by("pk").iterator():
        yield {"kind": unwanted.kind, "made_at": unwanted.made_at}


def _stops(member: Member) -> Iterator[Record]:
    for stop in Stop.objects.filter(member=member).iterator():
        yield {"from": stop.starts_at, "until": stop.ends_at, "reason": stop.reason}


def _erase_notices(member: Member, words: Departure.Words) -> None:
    """The log names a mail by its reader."""
    notices = Notice.objects.filter(recipient=member)
    forget_words(Notice, list(notices.values_list("pk", flat=True)))
    notices.delete()


def _address(comment_id: int) -> str:
    return f"{settings.SITE_URL}{reverse('comments:permalink', args=[comment_id])}"


def _rows(model: type[Model], relation: str) -> Callable[[Member, Departure.Words], None]:
    """Delete the rows that are a member's own, whatever becomes of their words."""

    def erase(member: Member, words: Departure.Words) -> None:
        model._default_manager.filter(**{relation: member}).delete()

    return erase


def _old_mail() -> QuerySet[Notice]:
    """Rows of mail that is done with; what is due, or under way, stays."""
    before = timezone.now() - _MAIL_KEPT_FOR
    done = [
        Notice.State.SENT,
        Notice.State.UNWANTED,
        Notice.State.FAILED,
        Notice.State.UNKNOWN,
    ]
    return Notice.objects.filter(state__in=done, made_at__lt=before)


def _holding(
    name: str, title: Any, kept: Any, read: Any, erase: Any, *relations: str, **more: Any
) -> Holding:
    return Holding(name, title, kept, read, erase, relations, **more)


HOLDINGS = (
    _holding(
        "comments",
        _("Comments"),
        _(
            "What you wrote under classes, with what was decided about it and why somebody "
            "reported it. It stays until you remove it or leave. What you removed, the studio "
            "still reads until you leave."
        ),
        _comments,
        former_members.erase_comments,
        "comments.Comment.author",
        steps_ahead=former_members.steps_ahead,
    ),
    _holding(
        "reports",
        _("Comments that you reported"),
        _("Which comments, and why, so that the studio can decide. Kept until you leave."),
        _reports,
        _rows(Report, "member"),
        "comments.Report.member",
    ),
    _holding(
        "votes",
        _("Classes that you asked for"),
        _("Where you said “me too”, to tell you once there is such a class. Until you leave."),
        _votes,
        _rows(Vote, "member"),
        "comments.Vote.member",
        "comments.ClassRequest.voters",
    ),
    _holding(
        "saved_filters",
        _("Lists of classes that you answer with"),
        _("For those who teach: states of the catalogue that you named. Until you leave."),
        _saved_filters,
        _rows(SavedFilter, "member"),
        "comments.SavedFilter.member",
    ),
    _holding(
        "mail_about_comments",
        _("Mail about comments"),
        _("Which comment it was about, and when it was sent, so that you get it once."),
        _notices,
        _erase_notices,
        "comments.Notice.recipient",
    ),
    _holding(
        "muted_threads",
        _("Threads of which you want no mail"),
        _("Kept until you want mail again, or leave."),
        _mutes,
        _rows(Mute, "member"),
        "comments.Mute.member",
    ),
    _holding(
        "unwanted_mail",
        _("Mail that you do not want"),
        _("Which kinds. Kept until you want them again, or leave."),
        _unsubscriptions,
        _rows(Unsubscription, "member"),
        "comments.Unsubscription.member",
    ),
    _holding(
        "stops",
        _("Times in which the studio kept you from writing"),
        _("From when until when, and why. Kept until you leave."),
        _stops,
        former_members.erase_stops,
        "comments.Stop.member",
    ),
)

# The database empties each of these by itself.
TRACES = (
    Trace(
        _("Who removed a comment, held it, or let it stand"),
        ("comments.Comment.removed_by", "comments.Decision.by"),
    ),
    Trace(_("Who stopped a member from writing"), ("comments.Stop.by",)),
    Trace(
        _("Who closed a conversation, or said that a comment needs no answer"),
        ("comments.Conversation.closed_by", "comments.Comment.no_answer_needed_by"),
    ),
    Trace(
        _("Who kept what members ask for, and tied a class to it"),
        ("comments.ClassRequest.kept_by", "comments.ClassRequest.tied_by"),
    ),
)

RULES = (
    rule_for_rows(
        "mail_about_comments",
        _("Which mail about comments was sent to whom, and when"),
        _MAIL_KEPT_FOR,
        _old_mail,
    ),
)
