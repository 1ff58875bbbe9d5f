"""Saying something, changing it, and taking it back.

Whatever is refused comes back with the words that were typed.
"""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from classes.models import WorkoutClass
from comments import moderation, picker, rates, threads, unsent, writing
from comments.addresses import meanings
from comments.forms import CommentForm, EditForm
from comments.models import Comment


@require_http_methods(["GET", "HEAD", "POST"])
def post(request: HttpRequest, slug: str) -> HttpResponse:
    if not request.user.is_authenticated:
        return sign_in_first(request)
    workout_class = find_class(request, slug)
    if workout_class is None:
        return no_class(request)
    leads = moderation.may_lead(request.user, workout_class)

    kept = picker.words(request) or unsent.look(request)
    if request.method == "POST":
        form = CommentForm(workout_class, request.POST, leads=leads)
    else:
        asked = {"parent": request.GET.get("reply"), "variant": request.GET.get("variant")}
        form = CommentForm(workout_class, initial=asked | kept, leads=leads)
    try:
        if form.is_valid():
            comment = writing.post(
                request.user, workout_class, **form.cleaned_data, address=rates.address_of(request)
            )
            unsent.forget(request)
            messages.success(request, said(comment, _("Your comment is posted.")))
            return redirect(place_of(request, comment))
        if request.method != "POST":
            writing.refuse_writing(request.user, workout_class)
    except (writing.Closed, writing.Stopped) as final:
        words = keep_if_sent(request) or kept.get("body", "")
        return keep_words(request, _("This cannot be posted"), str(final), words, status=403)
    except writing.Refused as refusal:
        keep_if_sent(request)
        return comment_form(request, workout_class, form, refusal)
    return comment_form(request, workout_class, form, was_kept=bool(kept) and not form.is_bound)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    if not request.user.is_authenticated:
        return sign_in_first(request)
    comment = Comment.objects.select_related("workout_class").filter(pk=pk).first()
    if comment is None or not comment.is_by(request.user):
        return _not_to_edit(request, comment)

    kept = picker.words(request) or unsent.look(request)
    drawn = {"body": comment.body, "edition": comment.edition}
    form = EditForm(request.POST or None, initial=drawn | kept)
    refusal: writing.Refused | None = None
    try:
        if form.is_valid():
            address = rates.address_of(request)
            comment = writing.edit(request.user, comment, **form.cleaned_data, address=address)
            unsent.forget(request)
            messages.success(request, said(comment, _("Your comment is changed.")))
            return redirect(place_of(request, comment))
        writing.refuse_edit(request.user, comment)
    except writing.Stale as stale:
        comment, refusal = stale.now, stale
        form = EditForm(initial={"body": keep_if_sent(request), "edition": comment.edition})
    except (writing.NotConfirmed, writing.TooMany) as not_yet:
        keep_if_sent(request)
        refusal = not_yet
    except writing.Refused as final:
        words = keep_if_sent(request) or kept.get("body") or comment.body
        return keep_words(request, _("This comment stays as it is"), str(final), words, status=403)
    form.fields["body"].widget.attrs["autofocus"] = True
    context = {
        "comment": comment,
        "form": form,
        "refusal": refusal,
        "is_stale": isinstance(refusal, writing.Stale),
        "was_kept": bool(kept) and not form.is_bound and refusal is None,
        "meanings": meanings([comment.body]) if isinstance(refusal, writing.Stale) else {},
    }
    response = render(request, "comments/edit.html", context, status=status_of(refusal))
    return say_when(response, refusal)


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(request.path)
    comment = get_object_or_404(Comment.objects.select_related("workout_class", "author"), pk=pk)
    if not comment.may_be_removed_by(request.user):
        raise PermissionDenied
    if request.method == "POST":
        moderation.remove(comment, by=request.user)
        messages.success(request, _("The comment is removed."))
    elif not comment.is_removed:
        context = {"comment": comment, "meanings": meanings([comment.body])}
        return render(request, "comments/remove.html", context)
    comment.refresh_from_db(fields=["state"])
    return redirect(place_of(request, comment))


def _not_to_edit(request: HttpRequest, comment: Comment | None) -> HttpResponse:
    """Nothing of this member's stands here: it was deleted, or they signed in as somebody else."""
    if request.method != "POST":
        if comment is None:
            raise Http404
        raise PermissionDenied
    if comment is None:
        status, reason = 404, str(writing.Gone())
    else:
        status, reason = 403, _("Somebody else wrote this comment.")
    words = request.POST.get("body", "")
    return keep_words(request, _("This comment stays as it is"), reason, words, status=status)


# --- What the views share -----------------------------------------------------------------------


def find_class(request: HttpRequest, slug: str) -> WorkoutClass | None:
    """The class at this address, if it may be seen; it may have moved while someone was typing."""
    visible = WorkoutClass.objects.visible_to(request.user).prefetch_related("instructors")
    if workout_class := visible.filter(slug=slug).first():
        return workout_class
    moved = WorkoutClass.moved_from(slug)
    return visible.filter(pk=moved.pk).first() if moved else None


def comment_form(
    request: HttpRequest,
    workout_class: WorkoutClass,
    form: CommentForm,
    refusal: writing.Refused | None = None,
    was_kept: bool = False,
) -> HttpResponse:
    """The form on a page of its own, with what was typed and why it was not taken."""
    form.fields["body"].widget.attrs["autofocus"] = True
    parent = form.answered
    context = {
        "workout_class": workout_class,
        "form": form,
        "parent": parent,
        "refusal": refusal,
        "was_kept": was_kept,
        "came_from": came_from(request),
        "meanings": meanings([parent.body] if parent else []),
    }
    response = render(request, "comments/post.html", context, status=status_of(refusal))
    return say_when(response, refusal)


def status_of(refusal: writing.Refused | None) -> int:
    """A form with a mistake in it is an ordinary page, as everywhere in Django."""
    match refusal:
        case None:
            return 200
        case writing.TooMany():
            return 429
        case writing.Stale():
            return 409
    return 403


def say_when(response: HttpResponse, refusal: writing.Refused | None) -> HttpResponse:
    """Tell programs, too, when to try again."""
    if isinstance(refusal, writing.TooMany):
        response["Retry-After"] = str(refusal.seconds)
    return response


def said(comment: Comment, done: str) -> str:
    """What its writer is told: that it is done, and whether others can read it already."""
    if comment.state != Comment.State.HELD:
        return done
    return _("Thank you. The studio looks at your comment first; until then only you can see it.")


def keep_if_sent(request: HttpRequest) -> str:
    """Keep refused words beside the page that shows them, for whoever leaves it; and give them."""
    if request.method == "POST":
        unsent.keep(request)
    return request.POST.get("body", "")


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """Show that the words are kept, and the way to come back to them.

    Who is signed out while typing meets this. Not a plain redirect: signing in can fail, and the
    one thing that must be seen to be safe is the text.
    """
    if request.method != "POST":
        return redirect_to_login(request.get_full_path())
    unsent.keep(request)
    return keep_words(
        request,
        _("Sign in to post this"),
        _("You are not signed in, or not any more. Your words are kept: they wait for you here."),
        request.POST.get("body", ""),
        status=403,
        doors=urlencode({"next": request.path}),
    )


def no_class(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        raise Http404
    return keep_words(
        request,
        _("This class is gone"),
        _("It was taken off the site while you were writing, so nothing can be said under it."),
        request.POST.get("body", ""),
        status=404,
    )


def keep_words(
    request: HttpRequest, heading: str, reason: str, words: str, *, status: int, doors: str = ""
) -> HttpResponse:
    """A page that hands back words which cannot be sent as they are.

    `doors` is the query with which signing in and signing up are offered, if they help.
    """
    context = {"heading": heading, "reason": reason, "words": words, "doors": doors}
    return render(request, "comments/kept.html", context, status=status)


def came_from(request: HttpRequest) -> str:
    """The class page on which the form was drawn, if it was a variant's; else empty.

    Who answers under the Spanish film should come back to the Spanish film.
    """
    sent = request.POST if request.method == "POST" else request.GET
    path = sent.get("from", "")
    try:
        found = resolve(path)
    except Resolver404:
        return ""
    return path if found.view_name == "classes:variant" else ""


def place_of(request: HttpRequest, comment: Comment) -> str:
    """Where to go on reading: at the comment, or where it was, if that may be seen."""
    workout_class = comment.workout_class
    path = came_from(request)
    if path and resolve(path).kwargs["slug"] != workout_class.slug:
        path = ""
    visible = WorkoutClass.objects.visible_to(request.user)
    if not visible.filter(pk=workout_class.pk).exists():
        return reverse("home")
    return (
        threads.address_of(comment, request.user, path)
        or f"{path or workout_class.get_absolute_url()}#comments"
    )
