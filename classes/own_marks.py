"""What a member keeps as avoided, marked in a page that is kept for all: what goes into its holes.

The frame of the page is the same whatever somebody avoids (`classes.views.class_page`). What is
written here is made for each request and kept nowhere; the markup comes from the templates that
mark what an address avoids.
"""

from collections.abc import Iterable, Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from classes import holes
from classes.body.facts import BodyFacts
from classes.body.my_version import MyVersion, Stretch
from classes.durations import clock
from classes.models import Chapter, Movement


def labels(movements: Iterable[Movement]) -> SafeString:
    """`{{ row.avoided|labels }}`: as a list in words, in the reader's language."""
    return joined(movement.label for movement in movements)


def joined(words: Iterable[str]) -> SafeString:
    return SafeString(", ".join(map(escape, words)))


def marks_of_facts(facts: BodyFacts, avoided_labels: Iterable[str]) -> dict[str, SafeString]:
    """By hole, in "classes/_you_avoid.html" and "classes/_body_facts.html"."""
    marks = {
        f"contained-{movement.pk}": holes.rendered(
            "classes/_contained.html",
            {"label": movement.label},
            is_avoided=movement.slug in facts.avoided,
        )
        for movement in facts.contains
    }
    marks["you_avoid"] = holes.rendered(
        "classes/_you_avoid.html", {"labels": joined(avoided_labels)}, is_from_address=False
    )
    if facts.is_checked and facts.unchecked_for:
        marks["unchecked_for"] = holes.rendered(
            "classes/_unchecked_for.html", {"labels": labels(facts.unchecked_for)}
        )
    return marks


def marks_of_chapters(chapters: Iterable[Chapter], avoided: Sequence[str]) -> dict[str, SafeString]:
    """By hole, in "classes/_timeline_rows.html". `chapters` are as `for_timeline` reads them."""
    marks = {}
    for chapter in chapters:
        here = [movement for movement in chapter.movements if movement.slug in avoided]
        if here:
            marks[f"avoids-{chapter.start}"] = SafeString(" data-avoid")
            marks[f"avoided-{chapter.start}"] = holes.rendered(
                "classes/_avoided_here.html", {"labels": labels(here)}
            )
    return marks


def my_version_html(version: MyVersion, is_preview: bool, query: str = "") -> SafeString:
    """The section about a film as somebody sees it who avoids something. `query` is `Avoided`'s."""
    intro = ngettext(
        "One part has movements you avoid (%(touched)s of %(whole)s):",
        "%(parts)s parts have movements you avoid (%(touched)s of %(whole)s):",
        version.parts,
    ) % {
        "parts": version.parts,
        "touched": clock(version.touched),
        "whole": clock(version.duration),
    }
    much = _("That is %(share)s%% of this film. Another class may suit you better today.")
    parts = [_part(stretch, is_preview, query) for stretch in version.stretches]
    own = {
        "intro": intro,
        "movements": labels(version.movements),
        "much": much % {"share": version.percent} if version.is_much else "",
        "unplaced": labels(version.unplaced),
        "unchecked_for": labels(version.unchecked_for),
        "parts": SafeString("".join(parts)),
    }
    return holes.rendered(
        "classes/_my_version.html", own, has_gaps=version.has_gaps, is_preview=is_preview
    )


def _part(stretch: Stretch, is_preview: bool, query: str) -> SafeString:
    own = {
        "start": stretch.start,
        "end": stretch.end,
        "moment": clock(stretch.moment),
        "after": clock(stretch.after),
        "what": joined(chapter.label for chapter in stretch.chapters),
        "movements": labels(stretch.movements),
        "query": f"{query}&" if query else "",
    }
    return holes.rendered("classes/_my_version_part.html", own, is_preview=is_preview)
