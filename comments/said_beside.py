"""Beside a chapter of the timeline: how many comments speak of it, and the way to the first."""

from collections.abc import Sequence

from django.core.cache import caches
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext

from classes.models import Variant
from classes.page_marks import PageMarks
from comments.moving import moving
from comments.rendering import State
from comments.time_codes import Said, said_in_chapters


def said_beside(variant: Variant, starts: Sequence[int], marks: PageMarks) -> dict[int, SafeString]:
    """By the second at which a chapter starts; nothing for those of which nobody speaks.

    No query while the conversation, the class and its films are as they were; else those of
    `moving`.
    """
    state = State.read(marks.others)
    if state.revision is None:  # nothing was said, or nobody would hear of it
        return {}
    key = f"beside:{variant.pk}:{get_language()}"
    said = (state.revision, state.stamp)
    mark = (said, marks.substance)
    cache = caches["fragments"]
    kept_mark, kept = cache.get(key) or (None, {})
    if kept_mark == mark:
        return kept
    spoken_of = moving(marks.class_id, variant.pk, said).spoken_of
    chapters = said_in_chapters(variant, starts, spoken_of)
    made = {start: _link(here) for start, here in chapters.items()}
    cache.set(key, (mark, made))
    return made


def _link(said: Said) -> SafeString:
    number = ngettext("%(number)d comment", "%(number)d comments", said.number)
    return format_html(
        '<p class="timeline-said small"><a href="{}" rel="nofollow">{}</a></p>',
        reverse("comments:permalink", args=[said.first]),
        number % {"number": said.number},
    )
