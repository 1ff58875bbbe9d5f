"""What the class page shows of `comments`, and how a comment looks."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.template import Context
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from classes.models import WorkoutClass
from comments import moments, text, threads
from comments.apart import reads_apart
from comments.forms import CommentForm

register = template.Library()


@register.inclusion_tag("comments/_conversation.html", takes_context=True)
def thread(context: Context, workout_class: WorkoutClass) -> dict[str, Any]:
    """What is said under a class, and the form to say something.

    Takes from the request: `comments`, the page of threads, and `reply`, the comment under which
    the form is drawn. A visitor gets no form, so that the page sets no cookie.
    """
    request = context["request"]
    own_page = request.resolver_match.view_name == "comments:conversation"
    if reads_apart(request.user) and not own_page:
        return {"workout_class": workout_class, "is_apart": True}
    asked = request.GET.get("comments", "")
    reply = request.GET.get("reply", "")
    if reply and not asked:
        asked = threads.page_with(workout_class, reply)
    conversation = threads.conversation(workout_class, request.user, asked)
    answering = conversation.find(reply)
    form = None
    if request.user.is_authenticated:
        parent = answering.comment if answering else None
        form = CommentForm(workout_class, initial={"parent": parent})
    return {
        "request": request,
        "workout_class": workout_class,
        "conversation": conversation,
        "answering": answering,
        "form": form,
        "reply_is_lost": bool(reply) and answering is None,
        "doors": urlencode({"next": f"{request.get_full_path()}#reply"}),
    }


@register.filter
def comment_text(body: str, meanings: Mapping[str, str] | None = None) -> SafeString:
    """`{{ comment.body|comment_text:conversation.meanings }}`: paragraphs, with links."""
    return text.as_html(body, meanings or {})


@register.filter
def ago(moment: datetime) -> str:
    """`{{ comment.written_at|ago }}`: "1 year ago"."""
    return moments.ago(moment)
