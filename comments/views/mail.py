"""Stopping mail: from a mail without signing in, at a thread, and as a choice of one's own."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.models import Member
from classes.models import Instructor, WorkoutClass
from classes.numbers import whole_number
from comments.mail import unsubscribing
from comments.mail.unsubscribing import Ticket
from comments.models import Comment, Mute, Notice, Unsubscription

Kind = Notice.Kind

# The latest ones; who muted more threads than this finds the others at the threads.
_MUTES_SHOWN = 50


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def mail(request: HttpRequest, token: str) -> HttpResponse:
    """What the address in a mail leads to. GET says how things are; only POST changes them.

    The token is the authority, whoever is signed in. So there is no CSRF token: mail programs post
    `List-Unsubscribe=One-Click` (RFC 8058) without cookies, and whoever has the address may.
    """
    ticket = unsubscribing.read(token)
    if ticket is None:
        raise Http404
    member = Member.objects.filter(pk=ticket.member_id).first()
    if member is None:  # no account, no mail: what was asked for is so
        return render(request, "comments/mail/stop.html", {"member": None})
    # Told from a click on the page, which sends nothing by this name.
    if "List-Unsubscribe" in request.POST:
        unsubscribing.unsubscribe(member, ticket.kind)
        return _stop_page(request, ticket, member)
    if request.method == "POST":
        _do(request.POST.get("do", ""), ticket, member)
        return redirect("comments:mail", token=token)
    return _stop_page(request, ticket, member)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def mute(request: HttpRequest, pk: int) -> HttpResponse:
    """No more mail about the thread of this comment, or mail again. GET asks, POST does."""
    visible = WorkoutClass.objects.visible_to(request.user)
    comment = get_object_or_404(
        Comment.objects.select_related("workout_class", "thread__author", "author").filter(
            Q(state=Comment.State.PUBLISHED) | Q(author=request.user)
        ),
        pk=pk,
        workout_class__in=visible,
    )
    thread, member = comment.thread or comment, _signed_in(request)
    if request.method == "POST":
        if request.POST.get("do") == "unmute":
            unsubscribing.unmute(member, thread)
            messages.success(request, _("You get mail about this thread again."))
        else:
            unsubscribing.mute(member, thread)
            messages.success(request, _("No more mail about this thread."))
        return redirect("comments:mute", pk=pk)
    is_muted = Mute.objects.filter(member=member, thread=thread).exists()
    context = {"comment": comment, "thread": thread, "is_muted": is_muted}
    return render(request, "comments/mail/mute.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_mail(request: HttpRequest) -> HttpResponse:
    """Which mail a member gets, and the threads that they muted."""
    member = _signed_in(request)
    if request.method == "POST":
        _change(request, member)
        return redirect("comments:my_mail")
    stopped = set(Unsubscription.objects.filter(member=member).values_list("kind", flat=True))
    mutes = Mute.objects.filter(member=member).select_related(
        "thread__workout_class", "thread__author"
    )
    context = {
        "choices": [(kind, kind not in stopped) for kind in _kinds_for(member)],
        "mutes": mutes.order_by("-made_at", "-pk")[:_MUTES_SHOWN],
    }
    return render(request, "comments/mail/my_mail.html", context)


def _signed_in(request: HttpRequest) -> Member:
    """Nobody else gets past `login_required`."""
    return cast(Member, request.user)


def _change(request: HttpRequest, member: Member) -> None:
    if "unmute" in request.POST:
        thread = whole_number(request.POST["unmute"])
        Mute.objects.filter(member=member, thread=thread or 0).delete()
        messages.success(request, _("You get mail about this thread again."))
        return
    kinds, ticked = _kinds_for(member), request.POST.getlist("kind")
    unsubscribing.subscribe(member, *(kind for kind in kinds if kind.value in ticked))
    unsubscribing.unsubscribe(member, *(kind for kind in kinds if kind.value not in ticked))
    messages.success(request, _("Your choice is saved."))


def _kinds_for(member: Member) -> list[Kind]:
    """What may ever be sent to this member."""
    teaches = Instructor.objects.filter(member=member).exists()
    return [kind for kind in Kind if teaches or kind != Kind.COMMENT]


def _do(wish: str, ticket: Ticket, member: Member) -> None:
    """What a button on the page says; anything else changes nothing."""
    if wish == "unsubscribe":
        unsubscribing.unsubscribe(member, ticket.kind)
    elif wish == "subscribe":
        unsubscribing.subscribe(member, ticket.kind)
    elif wish in ("mute", "unmute"):
        thread = Comment.objects.filter(pk=ticket.thread_id).first()
        if thread and wish == "mute":
            unsubscribing.mute(member, thread)
        elif thread:
            unsubscribing.unmute(member, thread)


def _stop_page(request: HttpRequest, ticket: Ticket, member: Member) -> HttpResponse:
    """Says nothing of the thread but the title of its class: a mail may have been passed on."""
    thread = Comment.objects.filter(pk=ticket.thread_id).select_related("workout_class").first()
    context: dict[str, Any] = {
        "member": member,
        "kind": ticket.kind,
        "thread": thread,
        "is_unsubscribed": Unsubscription.objects.filter(member=member, kind=ticket.kind).exists(),
        "is_muted": Mute.objects.filter(member=member, thread=ticket.thread_id).exists(),
    }
    response = render(request, "comments/mail/stop.html", context)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"  # the address is a key
    return response
