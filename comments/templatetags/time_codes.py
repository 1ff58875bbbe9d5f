"""What the timeline of a film shows of `comments`: which chapters they speak of."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import ngettext

from classes.body.shown_timeline import Row, Timeline
from comments.time_codes import Said, said_in_chapters

register = template.Library()


@register.simple_tag
def said_of(timeline: Timeline) -> dict[int, Said]:
    """`{% said_of timeline as said %}`: what is said of its chapters, in one query.

    It follows the conversation of the class: where the timeline is kept rendered, the key names
    `Conversation.revision` and `.stamp` too.
    """
    return said_in_chapters(timeline.variant, [stretch.start for stretch in timeline.stretches])


@register.simple_tag
def said_in(said: dict[int, Said], row: Row) -> str:
    """`{% said_in said row %}`: "2 comments", a link to the first of them; nothing for none."""
    here = said.get(row.stretch.start)
    if here is None:
        return ""
    number = {"number": here.number, "chapter": row.chapter.label}
    return format_html(
        '<a class="timeline-said small" href="{}" rel="nofollow" aria-label="{}">{}</a>',
        reverse("comments:permalink", args=[here.first]),
        ngettext(
            "%(number)d comment about %(chapter)s",
            "%(number)d comments about %(chapter)s",
            here.number,
        )
        % number,
        ngettext("%(number)d comment", "%(number)d comments", here.number) % number,
    )
