"""Classes that members ask for: kept from a comment, wanted by others, tied to a class, told of.

A class may be tied to a request long before it is public. Nobody but the studio sees that: members
see the class, and hear of it, once everybody finds it in the catalogue.
"""

import logging
from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts.models import Member
from classes.catalogue import Catalogue, Hit, keeping
from classes.catalogue.cards import cards_for_hits
from classes.models import WorkoutClass
from comments.mail import notices
from comments.models import ClassRequest, Comment, Vote

logger = logging.getLogger(__name__)

_BATCH = 100  # requests that one sweep tells of; the next follows half a minute later


class AlreadyTold(Exception):
    """Members have heard of the class by now. The text is a sentence for whoever ties."""

    def __init__(self) -> None:
        super().__init__(_("Everybody who asked was told of a class already."))


def may_decide(member: Member | AnonymousUser) -> bool:
    """Whether somebody keeps requests and ties classes to them: who teaches, and curators.

    No query for members who are signed in (`classes.signed_in`); rights cost staff two.
    """
    if not member.is_authenticated or not member.is_active:
        return False
    return hasattr(member, "instructor") or (
        member.is_staff and member.has_perm("comments.change_classrequest")
    )


def public() -> QuerySet[ClassRequest]:
    """What everybody may read, with `wanted_by`: how many members want it, the asker included."""
    classes = WorkoutClass.objects.visible_to(AnonymousUser())
    requests = ClassRequest.objects.filter(
        comment__state=Comment.State.PUBLISHED, comment__workout_class__in=classes
    )
    return _with_number(requests)


def seen_by(member: Member) -> QuerySet[ClassRequest]:
    """Those to which this member, who decides, may tie a class: with the words they came from.

    Curators read them all; who teaches, what stands on the site or waits at their own desk.
    """
    if member.is_staff and member.has_perm("comments.change_classrequest"):
        return ClassRequest.objects.all()
    stands = Q(
        comment__state=Comment.State.PUBLISHED,
        comment__workout_class__in=WorkoutClass.objects.visible_to(member),
    )
    at_their_desk = Q(
        comment__state=Comment.State.HELD,
        comment__workout_class__in=WorkoutClass.objects.filter(instructors__member=member),
    )
    return ClassRequest.objects.filter(stands | at_their_desk)


def keep(comment: Comment, by: Member, title: str = "") -> ClassRequest:
    """Keep what a comment asks for. Kept once: a second time gives what stands already.

    Without a title the comment's own first words stand for it.
    """
    words = " ".join((title or comment.body).replace("\0", "").split())
    longest = ClassRequest._meta.get_field("title").max_length or len(words)
    request, _is_new = ClassRequest.objects.get_or_create(
        comment=comment, defaults={"title": Truncator(words).chars(longest), "kept_by": by}
    )
    return request


@transaction.atomic
def vote(member: Member, request: ClassRequest) -> bool:
    """Say "me too", once. Whether it counts: not for the one who asked, nor once it was told."""
    request = _locked(request)
    if request.told_at or request.comment.author_id == member.pk:
        return False
    Vote.objects.get_or_create(request=request, member=member)
    return True


@transaction.atomic
def unvote(member: Member, request: ClassRequest) -> None:
    Vote.objects.filter(request=_locked(request), member=member).delete()


@transaction.atomic
def tie(request: ClassRequest, workout_class: WorkoutClass, by: Member) -> None:
    """Say which class fulfils a request, public or not yet. Raises `AlreadyTold`."""
    request = _locked(request)
    if request.fulfilled_by_id == workout_class.pk:
        return
    if request.told_at:
        raise AlreadyTold
    request.fulfilled_by = workout_class
    request.tied_by = by
    request.tied_at = timezone.now()
    request.save(update_fields=["fulfilled_by", "tied_by", "tied_at"])


@transaction.atomic
def untie(request: ClassRequest) -> None:
    """It waits for a class again. Raises `AlreadyTold`."""
    request = _locked(request)
    if request.told_at:
        raise AlreadyTold
    request.fulfilled_by = request.tied_by = request.tied_at = None
    request.save(update_fields=["fulfilled_by", "tied_by", "tied_at"])


def tell_fulfilled() -> None:
    """Tell everybody who asked for a class that has become public; a sweep.

    The mark and the mails that wait to be sent are one transaction, and only one worker sets the
    mark: each request is told once. One that fails is logged and keeps the others from nothing.
    """
    due = ClassRequest.objects.to_be_told().filter(comment__state=Comment.State.PUBLISHED)
    for pk in due.order_by("tied_at", "pk").values_list("pk", flat=True)[:_BATCH]:
        try:
            _tell(pk)
        except Exception:
            logger.exception("Request %s could not be told of.", pk)


@transaction.atomic
def _tell(pk: int) -> None:
    # Without a join: whoever waits for the row here has to see that it was told meanwhile.
    untold = ClassRequest.objects.filter(pk=pk, told_at__isnull=True)
    if untold.update(told_at=timezone.now()):
        notices.tell_request(ClassRequest.objects.select_related("comment").get(pk=pk))


# --- How they look ------------------------------------------------------------------------------


def html_for(
    comment_ids: Iterable[int], catalogue: Catalogue | None = None
) -> dict[int, SafeString]:
    """What stands under those of these comments that were kept, by the comment's id.

    The same for everybody; it depends on the request, its votes and the catalogue's edition. One
    query, and where classes are tied those of `cards_html`.
    """
    requests = _with_number(ClassRequest.objects.filter(comment__in=list(comment_ids)))
    html = cards_html(requests, catalogue)
    return {request.comment_id: html[request] for request in html}


def card_html(request: ClassRequest) -> SafeString:
    """One of them alone."""
    return cards_html([request])[request]


def cards_html(
    requests: Iterable[ClassRequest], catalogue: Catalogue | None = None
) -> dict[ClassRequest, SafeString]:
    """Title, how many want it, and the card of the class once everybody finds that.

    No query where no class is tied, but one for each request that is not from `public`; else those
    of `cards_for_hits`, and one if the catalogue is not given.
    """
    requests = list(requests)
    cards = class_cards(requests, catalogue)
    return {
        request: render_to_string(
            "comments/_request.html",
            {
                "class_request": request,
                "number": _number(request),
                "card": cards.get(request.fulfilled_by_id),
            },
        )
        for request in requests
    }


def class_cards(
    requests: Iterable[ClassRequest], catalogue: Catalogue | None = None
) -> dict[int | None, SafeString]:
    """Cards of the classes that fulfil these requests, by the class's id, where they are listed."""
    class_ids = {request.fulfilled_by_id for request in requests if request.fulfilled_by_id}
    if not class_ids:
        return {}
    hits = [Hit(class_id, None) for class_id in sorted(class_ids)]
    cards = cards_for_hits(catalogue or keeping.current(), hits)
    return {
        hit.class_id: render_to_string("comments/_class_card.html", {"card": card, "url": card.url})
        for hit, card in cards.items()
    }


def _with_number(requests: QuerySet[ClassRequest]) -> QuerySet[ClassRequest]:
    return requests.annotate(wanted_by=Count("votes") + 1)


def _number(request: ClassRequest) -> int:
    number = getattr(request, "wanted_by", None)
    return request.votes.count() + 1 if number is None else number


def _locked(request: ClassRequest) -> ClassRequest:
    locked = ClassRequest.objects.select_for_update(of=("self",)).select_related("comment")
    return locked.get(pk=request.pk)
