"""What the class page shows of `comments`, and how a comment looks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from classes import holes
from classes.models import WorkoutClass
from comments import moderation, moments, rendering, text, threads
from comments.apart import reads_apart
from comments.forms import CommentForm
from comments.kept_form import form_html

register = template.Library()


@register.simple_tag(takes_context=True)
def thread(context: Context, workout_class: WorkoutClass) -> SafeString:
    """What is said under a class, and the form to say something.

    Takes from the request: `comments`, the page of threads, and `reply`, the comment under which
    the form is drawn. A visitor gets no form, so that the page sets no cookie. Takes from the
    context, if they are there, `page_marks` and `catalogue`, each of which saves a query;
    `variant`, the film that is on the page; `csrf_token`, for the form; and `lifetime`, to say for
    how long this is true.

    No query where the page of threads is kept and no word of the member is held; for a member one
    where nobody else has asked since something was said.
    """
    request = context["request"]
    reader = request.user
    if reads_apart(reader) and request.resolver_match.view_name != "comments:conversation":
        return template.loader.render_to_string(
            "comments/_apart.html", {"workout_class": workout_class}
        )
    asked = request.GET.get("comments", "")
    reply = request.GET.get("reply", "")
    if reply and not asked:
        asked = threads.page_with(workout_class, reply)
    marks = context.get("page_marks")
    state = rendering.State.read(marks.others) if marks else rendering.state_of(workout_class)
    page, is_nonsense = rendering.rendered(workout_class, state, asked, context.get("catalogue"))
    if lifetime := context.get("lifetime"):
        lifetime.ends(page.until if page.is_kept else timezone.now())
    said = None if state.revision is None else (state.revision, state.stamp)
    held = threads.held_of(workout_class, reader, said)
    answering = page.find(reply)
    leads = moderation.may_lead(reader, workout_class)
    is_open = leads or not state.is_closed
    variant = context.get("variant")
    writes = reader.is_authenticated and is_open
    shared = {
        "request": request,
        "workout_class": workout_class,
        "answering": answering,
        "form": None,
        "is_open": is_open,
        "doors": urlencode({"next": f"{request.get_full_path()}#reply"}),
    }
    holes_of_page = rendering.anchors(page, held) | rendering.own_buttons(page, reader, leads=leads)
    above = SafeString("")
    if answering:
        if writes:
            initial = {"parent": answering.pk, "variant": variant}
            shared["form"] = CommentForm(workout_class, initial=initial, leads=leads)
        holes_of_page[f"say-{answering.pk}"] = say(shared)
    elif is_open:
        token = str(context["csrf_token"]) if writes else ""
        above = form_html(request, workout_class, variant, shared, token) if writes else say(shared)
    slug, number = workout_class.slug, workout_class.comment_count
    closing = reverse("comments:close", args=[slug]) if leads and not state.is_closed else ""
    opening = reverse("comments:reopen", args=[slug]) if leads and state.is_closed else ""
    own = {
        "counted": counted(number) if number else "",
        "say": above,
        "held": rendering.held_html(workout_class, held, reader),
        "threads": page.html(holes_of_page),
        "closing": closing,
        "opening": opening,
    }
    return holes.rendered(
        "comments/_conversation.html",
        own,
        writes=writes,
        is_open=is_open,
        is_closed=state.is_closed,
        is_nonsense=is_nonsense,
        reply_is_lost=bool(reply) and answering is None,
    )


def counted(number: int) -> str:
    words = ngettext("%(number)s comment", "%(number)s comments", number)
    return words % {"number": localize(number)}


def say(context: dict[str, Any]) -> SafeString:
    """The form beneath a comment, or the way in for visitors."""
    if context["form"]:
        return template.loader.render_to_string("comments/_say.html", context, context["request"])
    answering = context["answering"]
    own = {"doors": context["doors"], "name": answering.writer_name if answering else ""}
    return holes.rendered("comments/_way_in.html", own, sign_up_open=settings.SIGN_UP_OPEN)


@register.simple_tag(takes_context=True)
def said_as_json(context: Context, workout_class: WorkoutClass) -> SafeString:
    """The same page for machines: members of a schema.org object, each with a comma after it.

    Takes from request and context what `thread` does, and no query after it.
    """
    marks, asked = context["page_marks"], context["request"].GET.get("comments", "")
    state = rendering.State.read(marks.others)
    page, _is_nonsense = rendering.rendered(workout_class, state, asked, context.get("catalogue"))
    comments = f'"comment": {page.data}, ' if page.data != "[]" else ""
    # Escaped by `as_json`.
    return SafeString(f'"commentCount": {workout_class.comment_count}, {comments}')


@register.filter
def comment_text(body: str, meanings: Mapping[str, str] | None = None) -> SafeString:
    """`{{ comment.body|comment_text:meanings }}`: paragraphs, with links."""
    return text.as_html(body, meanings or {})


@register.filter
def ago(moment: datetime) -> str:
    """`{{ comment.written_at|ago }}`: "1 year ago"."""
    return moments.ago(moment)
