"""Who is to be told, written down in the transaction that makes the news true.

What is written down is sent (`sending`), even if the process dies right after the commit; what was
rolled back never was news. A row for each person, comment and kind is unique in the database, so
that telling twice tells once.
"""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.mailing.words import new_message_id
from comments.mail.wishes import Kind, teachers_of, who_want
from comments.models import ClassRequest, Comment, Notice
from comments.tasks import enqueue_notices

State = Notice.State

# The sweep puts the others on the list: a request may have a thousand voters.
_AT_ONCE = 50


def tell(comment: Comment) -> None:
    """Tell those whom a comment concerns. Call it in the transaction that publishes the comment.

    Those who teach the class hear of whatever others say there; the writers of what is answered,
    and of the thread, hear of the answer. Everybody once, and nobody of their own words. Telling
    again (after an approval, say) sends what was not sent meanwhile and nothing a second time.

    Seven queries at most, whatever the number of people; nothing happens for what is not published.
    """
    if not comment.is_published:
        return
    answered = _writers_answered(comment) - {comment.author_id}
    teachers = set(teachers_of(comment.workout_class_id).values_list("member_id", flat=True))
    # Who was answered under a class of their own gets one mail, and that one says so.
    others = teachers - answered - {comment.author_id}
    _write_down(comment, {Kind.ANSWER: answered, Kind.COMMENT: others})


def tell_request(class_request: ClassRequest) -> None:
    """Tell who asked for a class, and who wanted it too, that it is there.

    Call it in the transaction that sets `told_at`. Six queries at most, for any number of voters.
    """
    concerned: set[int | None] = set(class_request.votes.values_list("member_id", flat=True))
    concerned.add(class_request.comment.author_id)
    _write_down(class_request.comment, {Kind.REQUEST: concerned - {class_request.tied_by_id}})


def _writers_answered(comment: Comment) -> set[int | None]:
    """Who wrote what this answers, and who began the thread; not who took their words away."""
    if comment.parent_id is None:
        return set()
    answered = Comment.objects.filter(pk__in={comment.parent_id, comment.thread_id})
    return set(
        answered.exclude(state=Comment.State.REMOVED).order_by().values_list("author_id", flat=True)
    )


def _write_down(comment: Comment, concerned: Mapping[Kind, Iterable[int | None]]) -> None:
    thread_id = comment.thread_id or comment.pk
    wanting: set[int] = set()
    told: list[Notice] = []
    for kind, member_ids in concerned.items():
        known = [pk for pk in member_ids if pk is not None]
        # News becomes an answer, or the other way, where what is answered was taken away or came
        # back between two approvals. It stays one mail.
        heard = Notice.objects.filter(comment=comment, recipient=OuterRef("pk"), kind__in=concerned)
        heard_otherwise = Exists(heard.exclude(kind=kind))
        for pk, is_known in who_want(kind, thread_id, known).values_list("pk", heard_otherwise):
            wanting.add(pk)
            if not is_known:
                told.append(
                    Notice(recipient_id=pk, comment=comment, kind=kind, message_id=new_message_id())
                )
    if not wanting:
        return
    Notice.objects.bulk_create(told, ignore_conflicts=True, batch_size=100)
    notices = Notice.objects.filter(comment=comment, kind__in=concerned, recipient__in=wanting)
    # Given up because the comment was away, and it is back: no server ever got this one. What a
    # curator set aside has an error, and stays there.
    notices.filter(state=State.UNWANTED, handed_over_at=None, error="").update(
        state=State.DUE, due_at=timezone.now(), attempts=0
    )
    due = notices.filter(state=State.DUE).order_by("pk").values_list("pk", flat=True)
    at_once = list(due[:_AT_ONCE])
    # Robust: the comment stands, whatever becomes of the list; the sweep finds what is due.
    transaction.on_commit(lambda: enqueue_notices(at_once), robust=True)
