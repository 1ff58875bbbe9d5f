"""What is said under a class, as its page shows it: to people, and to machines."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from classes import holes
from classes.from_above import ClassPage
from comments import moderation, rendering, threads
from comments.apart import reads_apart
from comments.forms import CommentForm
from comments.kept_form import form_html


def said(page: ClassPage) -> SafeString:
    """The threads, and the form to say something.

    Takes from the request: `comments`, the page of threads, and `reply`, the comment under which
    the form is drawn. A visitor gets no form, so that the page sets no cookie.

    No query where the page of threads is kept and no word of the member is held; for a member one
    where nobody else has asked since something was said.
    """
    request, workout_class, variant = page.request, page.workout_class, page.variant
    reader = request.user
    if reads_apart(reader) and not _stands_apart(page):
        return render_to_string("comments/_apart.html", {"workout_class": workout_class})
    asked = request.GET.get("comments", "")
    reply = request.GET.get("reply", "")
    if reply and not asked:
        asked = threads.page_with(workout_class, reply)
    state = _state(page)
    shown, is_nonsense = rendering.rendered(workout_class, state, asked, page.catalogue)
    page.lifetime.ends(shown.until if shown.is_kept else timezone.now())
    until_now = None if state.revision is None else (state.revision, state.stamp)
    held = threads.held_of(workout_class, reader, until_now, variant)
    answering = shown.find(reply)
    leads = moderation.may_lead(reader, workout_class)
    is_open = leads or not state.is_closed
    writes = reader.is_authenticated and is_open
    shared = {
        "request": request,
        "workout_class": workout_class,
        "answering": answering,
        "form": None,
        "is_open": is_open,
        "doors": urlencode({"next": f"{request.get_full_path()}#reply"}),
    }
    contents = rendering.anchors(shown, held) | rendering.own_buttons(shown, reader, leads=leads)
    above = SafeString("")
    if answering:
        if writes:
            initial = {"parent": answering.pk, "variant": variant}
            shared["form"] = CommentForm(workout_class, initial=initial, leads=leads)
        contents[f"say-{answering.pk}"] = _say(shared)
    elif writes:
        above = form_html(request, workout_class, variant, shared, page.csrf_token)
    elif is_open:
        above = _say(shared)
    slug, number = workout_class.slug, workout_class.comment_count
    closing = reverse("comments:close", args=[slug]) if leads and not state.is_closed else ""
    opening = reverse("comments:reopen", args=[slug]) if leads and state.is_closed else ""
    own = {
        "counted": _counted(number) if number else "",
        "say": above,
        "held": rendering.held_html(workout_class, held, reader),
        "threads": shown.html(contents),
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


def said_data(page: ClassPage) -> SafeString:
    """The same for machines: members of a schema.org object, each with a comma after it.

    No query after `said`.
    """
    asked = page.request.GET.get("comments", "")
    shown, _is_nonsense = rendering.rendered(
        page.workout_class, _state(page), asked, page.catalogue
    )
    comments = f'"comment": {shown.data}, ' if shown.data != "[]" else ""
    # Escaped by `as_json`.
    return SafeString(f'"commentCount": {page.workout_class.comment_count}, {comments}')


def _state(page: ClassPage) -> rendering.State:
    if page.marks:
        return rendering.State.read(page.marks.others)
    return rendering.state_of(page.workout_class)


def _stands_apart(page: ClassPage) -> bool:
    """Whether this is the page on which visitors read what is kept apart from the class."""
    match = page.request.resolver_match
    return match is not None and match.view_name == "comments:conversation"


def _counted(number: int) -> str:
    words = ngettext("%(number)s comment", "%(number)s comments", number)
    return words % {"number": localize(number)}


def _say(context: dict[str, Any]) -> SafeString:
    """The form beneath a comment, or the way in for visitors."""
    if context["form"]:
        return render_to_string("comments/_say.html", context, context["request"])
    answering = context["answering"]
    own = {"doors": context["doors"], "name": answering.writer_name if answering else ""}
    return holes.rendered("comments/_way_in.html", own, sign_up_open=settings.SIGN_UP_OPEN)
