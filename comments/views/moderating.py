"""Reporting a comment; and, for whoever teaches the class and for curators, leading its talk."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import Member
from classes.models import WorkoutClass
from comments import moderation, reports, unsent
from comments.addresses import meanings
from comments.models import Comment, Conversation
from comments.report_form import ReportForm
from comments.views.writing import find_class, keep_words, place_of, sign_in_first
from comments.writing import Refused


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what is wrong with a comment. Who reported is told nothing of what comes of it."""
    if not request.user.is_authenticated:
        return sign_in_first(request)
    comment = _find(request, pk)
    if comment is None:
        if request.method != "POST":
            raise Http404
        return _not_reported(request, reports.NotThere())
    kept = unsent.look(request)
    form = ReportForm(request.POST if request.method == "POST" else None, initial=kept)
    refusal: Refused | None = None
    try:
        if form.is_valid():
            reports.report(request.user, comment, *form.said())
            return _thanked(request, comment)
        reports.refuse_report(request.user, comment)
    except reports.AlreadyReported as already:
        messages.info(request, str(already))
        unsent.forget(request)
        return redirect(_place(request, comment))
    except reports.TooManyReports as too_many:
        refusal = too_many
    except Refused as final:
        return _not_reported(request, final)
    context = {
        "comment": comment,
        "form": form,
        "refusal": refusal,
        "was_kept": bool(kept),
        "meanings": meanings([comment.body]),
    }
    status = 429 if refusal else 200
    response = render(request, "comments/report.html", context, status=status)
    if isinstance(refusal, reports.TooManyReports):
        response["Retry-After"] = str(refusal.seconds)
    return response


def _not_reported(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """Hand the note back. What is not there for this reader is not there, whoever else sees it."""
    status = 404 if isinstance(refusal, reports.NotThere) else 403
    words = request.POST.get("body", "")
    return keep_words(request, _("Nothing was reported"), str(refusal), words, status=status)


def _thanked(request: HttpRequest, comment: Comment) -> HttpResponse:
    unsent.forget(request)
    messages.success(request, _("Thank you. The studio looks at this comment."))
    return redirect(_place(request, comment))


@require_http_methods(["GET", "HEAD", "POST"])
def pin(request: HttpRequest, pk: int) -> HttpResponse:
    return _pinning(request, pk, pinned=True)


@require_http_methods(["GET", "HEAD", "POST"])
def unpin(request: HttpRequest, pk: int) -> HttpResponse:
    return _pinning(request, pk, pinned=False)


def _pinning(request: HttpRequest, pk: int, *, pinned: bool) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(request.path)
    comment = _find(request, pk)
    if comment is None:
        raise Http404
    _refuse_others(request, comment.workout_class)
    if request.method != "POST" and comment.is_published:
        context = {"comment": comment, "pinned": pinned, "meanings": meanings([comment.body])}
        return render(request, "comments/pin.html", context)
    try:
        if request.method != "POST":
            # Who teaches does not read here what was taken away, or what only the desk shows.
            raise moderation.CannotBePinned
        if pinned:
            moderation.pin(comment)
            messages.success(request, _("The comment is pinned: it stands before the others."))
        else:
            moderation.unpin(comment)
            messages.success(request, _("The comment stands in its place among the others again."))
    except moderation.CannotBePinned as refusal:
        messages.error(request, str(refusal))
    return redirect(_place(request, comment))


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, slug: str) -> HttpResponse:
    return _closing(request, slug, closed=True)


@require_http_methods(["GET", "HEAD", "POST"])
def reopen(request: HttpRequest, slug: str) -> HttpResponse:
    return _closing(request, slug, closed=False)


def _closing(request: HttpRequest, slug: str, *, closed: bool) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(request.path)
    workout_class = find_class(request, slug)
    if workout_class is None:
        raise Http404
    _refuse_others(request, workout_class)
    if request.method != "POST":
        conversation = Conversation.objects.filter(workout_class=workout_class).first()
        context = {
            "workout_class": workout_class,
            "closed": closed,
            "is_done": closed == bool(conversation and conversation.is_closed),
        }
        return render(request, "comments/close.html", context)
    if closed:
        moderation.close(workout_class, by=_member(request))
        messages.success(request, _("The conversation is closed. What was said stays."))
    else:
        moderation.reopen(workout_class)
        messages.success(request, _("The conversation is open again."))
    return redirect(f"{workout_class.get_absolute_url()}#comments")


def _find(request: HttpRequest, pk: int) -> Comment | None:
    """The comment, with its writer and its class, if that class may be seen."""
    comments = Comment.objects.select_related("workout_class", "author")
    visible = WorkoutClass.objects.visible_to(request.user)
    return comments.filter(pk=pk, workout_class__in=visible).first()


def _member(request: HttpRequest) -> Member:
    return cast(Member, request.user)


def _refuse_others(request: HttpRequest, workout_class: WorkoutClass) -> None:
    if not moderation.may_lead(request.user, workout_class):
        raise PermissionDenied


def _place(request: HttpRequest, comment: Comment) -> str:
    """Where the comment stands by now."""
    comment.refresh_from_db(fields=["state"])
    return place_of(request, comment)
