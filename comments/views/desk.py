"""The desk: what waits for somebody who teaches, and answering it in place.

All that a thread's form can do goes to the thread's own address, told apart by the button's `act`.
So whatever is typed comes along with every button, and what cannot be taken comes back on a page
with that one thread.
"""

import re
from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Member
from classes.numbers import whole_number
from comments import moderation, picker, rates, requests, unsent, writing
from comments.desk import board, counting, marking
from comments.desk.board import Place, Thread
from comments.desk.forms import RequestForm
from comments.forms import CommentForm
from comments.models import ClassRequest, Comment
from comments.views.writing import keep_if_sent, keep_words, sign_in_first, status_of

_APPROVE = re.compile(r"approve-(\d{1,18})-(\d{1,9})", re.ASCII)
_KEEP = re.compile(r"keep-(\d{1,18})", re.ASCII)


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The threads that wait, the longest first."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    member = cast(Member, request.user)
    if counting.taught_by(member) is None and not counting.is_curator(member):
        return render(request, "comments/desk_closed.html", status=403)
    place = Place(request.GET.get("class", ""), request.GET.get("after", ""))
    shown = board.board(member, place)
    for thread in shown.threads:
        thread.form = _form(thread)
    context = {
        "board": shown,
        "settled": _settled(request, member),
        "nonsense": bool(place.after) and place.position is None,
    }
    return render(request, "comments/desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def desk_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """One thread by itself; a POST answers it, or does what its `act` says."""
    if not request.user.is_authenticated:
        return sign_in_first(request)
    opening = board.find_thread(pk)
    if opening is None:
        return _no_thread(request, pk)
    if not moderation.may_lead(request.user, opening.workout_class):
        return _not_yours(request)
    member = cast(Member, request.user)
    thread = board.show([opening], member)[0]
    if request.method != "POST":
        kept = picker.words(request) or unsent.look(request)
        thread.form = _form(thread, initial=kept)
        return _page(request, thread, was_kept=bool(kept))

    act = request.POST.get("act", "")
    if act == "settle":
        return _settle(request, thread, member)
    if act == "unsettle":
        return _unsettle(request, thread)
    if match := _APPROVE.fullmatch(act):
        return _approve(request, thread, member, int(match[1]), int(match[2]))
    if match := _KEEP.fullmatch(act):
        return _keep(request, thread, int(match[1]))
    return _answer(request, thread, member)


@require_http_methods(["GET", "HEAD", "POST"])
def desk_keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a few words, and keep a comment as a request."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    comment = get_object_or_404(
        Comment.objects.exclude(state=Comment.State.REMOVED).select_related(
            "workout_class", "author", "request"
        ),
        pk=pk,
    )
    if not moderation.may_lead(request.user, comment.workout_class):
        raise PermissionDenied
    longest = ClassRequest._meta.get_field("title").max_length or 0
    first_words = " ".join(comment.body.split())[:longest]
    form = RequestForm(request.POST or None, initial={"title": first_words})
    if request.method == "POST" and form.is_valid():
        kept = requests.keep(comment, cast(Member, request.user), form.cleaned_data["title"])
        messages.success(request, _("Kept as a request: “%(title)s”.") % {"title": kept.title})
        return redirect(_way_back(request, comment.thread_id or comment.pk))
    context = {"comment": comment, "form": form, "place": _place(request)}
    return render(request, "comments/desk_keep.html", context)


# --- What a button does -------------------------------------------------------------------------


def _answer(request: HttpRequest, thread: Thread, member: Member) -> HttpResponse:
    data = request.POST.copy()
    data["parent"] = data.get("parent") or str(thread.answered.pk)
    data["parent_seen"] = data.get(f"edition-{data['parent']}", "")
    form = thread.form = _drawn(CommentForm(thread.workout_class, data, leads=True), thread)
    if not form.is_valid():
        keep_if_sent(request)
        return _page(request, thread)
    parent = form.cleaned_data["parent"]
    if (parent.thread_id or parent.pk) != thread.opening.pk:
        raise Http404
    try:
        answer = writing.post(
            member,
            thread.workout_class,
            body=form.cleaned_data["body"],
            parent=parent,
            parent_seen=form.cleaned_data["parent_seen"],
            # Times in the answer speak of the film that was asked about.
            variant=parent.variant,
            submission=form.cleaned_data["submission"],
            address=rates.address_of(request),
        )
    except writing.Refused as refusal:
        keep_if_sent(request)
        return _page(request, thread, refusal)
    if not _teaches(member, thread):
        # A curator's answer is the studio's: nobody who teaches need say more.
        marking.settle(thread.opening, member, answer)
    unsent.forget(request)
    messages.success(request, _("Your answer is posted."))
    return redirect(_next(request, answered=thread.opening.pk))


def _settle(request: HttpRequest, thread: Thread, member: Member) -> HttpResponse:
    """No answer needed; but not where an answer has been begun."""
    if request.POST.get("body", "").strip():
        keep_if_sent(request)
        thread.form = _form(thread, initial=request.POST.dict())
        warning = _("You have begun an answer. Post it, or clear it and choose again.")
        return _page(request, thread, warning)
    seen = _of_thread(thread, request.POST.get("seen", ""))
    marking.settle(thread.opening, member, seen)
    return redirect(_next(request, settled=thread.opening.pk))


def _unsettle(request: HttpRequest, thread: Thread) -> HttpResponse:
    marking.unsettle(thread.opening)
    messages.success(request, _("It waits for an answer again."))
    return redirect(_back_to(request, thread.opening.pk))


def _approve(
    request: HttpRequest, thread: Thread, member: Member, pk: int, edition: int
) -> HttpResponse:
    """Publish a held comment without answering it, if it still says what was read."""
    comment = _of_thread(thread, str(pk))
    if comment is None:
        raise Http404
    moderation.approve(Comment.objects.filter(pk=pk), member, seen={pk: edition})
    comment.refresh_from_db(fields=["state"])
    if comment.is_published:
        messages.success(request, _("The comment is published."))
    else:
        messages.warning(request, _("The comment was changed meanwhile. Please read it again."))
    return redirect(_way_back(request, thread.opening.pk))


def _keep(request: HttpRequest, thread: Thread, pk: int) -> HttpResponse:
    """On to the page that asks what to call it."""
    if _of_thread(thread, str(pk)) is None:
        raise Http404
    _way_back(request, thread.opening.pk)  # keeps what was typed
    return redirect(f"{reverse('comments:desk_keep', args=[pk])}{_place(request).query}")


# --- What they share ----------------------------------------------------------------------------


def _form(thread: Thread, initial: dict[str, Any] | None = None) -> CommentForm:
    initial = {"parent": thread.answered.pk, **(initial or {})}
    return _drawn(CommentForm(thread.workout_class, initial=initial, leads=True), thread)


def _drawn(form: CommentForm, thread: Thread) -> CommentForm:
    """Beside others on one page, and without what members are asked to mind."""
    form.auto_id = f"id_{thread.opening.pk}_%s"
    form.fields["body"].help_text = ""
    return form


def _page(
    request: HttpRequest,
    thread: Thread,
    refusal: writing.Refused | str | None = None,
    *,
    was_kept: bool = False,
) -> HttpResponse:
    context = {
        "thread": thread,
        "place": _place(request),
        "next": request.POST.get("next", ""),
        "refusal": refusal,
        "was_kept": was_kept,
    }
    status = 200 if isinstance(refusal, str) else status_of(refusal)
    response = render(request, "comments/desk_answer.html", context, status=status)
    if isinstance(refusal, writing.TooMany):
        response["Retry-After"] = str(refusal.seconds)
    return response


def _no_thread(request: HttpRequest, pk: int) -> HttpResponse:
    """A reply's id leads to its thread. What is gone hands back what was typed."""
    if request.method == "POST":
        reason = _("The thread was taken away while you were writing.")
        words = keep_if_sent(request)
        return keep_words(request, _("This thread is gone"), reason, words, status=404)
    reply = get_object_or_404(Comment, pk=pk)
    return redirect("comments:desk_answer", reply.thread_id)


def _not_yours(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        raise PermissionDenied
    reason = _("Only who teaches the class, and the studio, answers at the desk.")
    words = keep_if_sent(request)
    return keep_words(request, _("This is not your class"), reason, words, status=403)


def _teaches(member: Member, thread: Thread) -> bool:
    instructors = thread.workout_class.instructors.all()
    return any(instructor.member_id == member.pk for instructor in instructors)


def _of_thread(thread: Thread, pk: str) -> Comment | None:
    """A comment that was on the page, and is still there."""
    number = whole_number(pk)
    said = (entry.comment for entry in (*thread.earlier, *thread.new))
    return next((comment for comment in said if comment.pk == number), None)


def _place(request: HttpRequest) -> Place:
    sent = request.POST if request.method == "POST" else request.GET
    return Place(sent.get("class", ""), sent.get("after", ""))


def _next(request: HttpRequest, **query: int) -> str:
    """The desk where it was looked at, at the thread that followed."""
    following = whole_number(request.POST.get("next"))
    return _address(request, following, **query)


def _way_back(request: HttpRequest, thread: int) -> str:
    """To the thread on the desk; alone on its page, with the words, if an answer has been begun."""
    if request.POST.get("body", "").strip():
        unsent.keep(request)
        return reverse("comments:desk_answer", args=[thread])
    return _back_to(request, thread)


def _back_to(request: HttpRequest, thread: int) -> str:
    return _address(request, thread)


def _address(request: HttpRequest, thread: int | None, **query: int) -> str:
    address = f"{reverse('comments:desk')}{_place(request).query}"
    if query:
        address += f"{'&' if '?' in address else '?'}{urlencode(query)}"
    return f"{address}#thread-{thread}" if thread else address


def _settled(request: HttpRequest, member: Member) -> Comment | None:
    """The thread that this member has just said needs no answer, so that it can be taken back."""
    pk = whole_number(request.GET.get("settled", ""))
    if not pk:
        return None
    marked = Comment.objects.filter(pk=pk, no_answer_needed_at__isnull=False)
    return marked.filter(no_answer_needed_by=member).select_related("author").first()
