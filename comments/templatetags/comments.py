"""What the class page shows of `comments`, and how a comment looks."""

from collections.abc import Mapping
from datetime import datetime

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from classes.from_above import ClassPage
from classes.models import WorkoutClass
from comments import moments, text
from comments.conversation import said

register = template.Library()


@register.simple_tag(takes_context=True)
def thread(context: Context, workout_class: WorkoutClass) -> SafeString:
    """What is said under a class, and the form to say something (`comments.conversation`).

    Takes `request` from the context and, if it is there, `csrf_token`.
    """
    token = str(context.get("csrf_token", ""))
    return said(ClassPage(context["request"], workout_class, csrf_token=token))


@register.filter
def comment_text(body: str, meanings: Mapping[str, str] | None = None) -> SafeString:
    """`{{ comment.body|comment_text:meanings }}`: paragraphs, with links."""
    return text.as_html(body, meanings or {})


@register.filter
def ago(moment: datetime) -> str:
    """`{{ comment.written_at|ago }}`: "1 year ago"."""
    return moments.ago(moment)
