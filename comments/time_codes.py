"""Times in a film that a comment speaks of: `12:34` in its text is a way to that second.

They are times of the film under which the comment was written. Written under none, or beyond its
end, they are words like any other. What is stored is cut again by the film that plays when it is
shown, for that may be another one by then.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from classes.body.timeline_text import film_seconds
from classes.models import Variant
from comments.models import Comment, TimeCode

# One comment leads to so many moments; a text of nothing else does not fill the timeline.
_MOST = 60
_ENDLESS = 2**31  # more seconds than the column takes, and than three digits of minutes make

# Addresses are taken first, and whole: what looks like a time in one belongs to it. They reach to
# the next space, a little further than `text.find_addresses` sees them.
_ADDRESS_OR_TIME = re.compile(
    r"""
    (?:(?<![A-Za-z0-9_])https?://|(?<![\w/.:@-])/(?=[a-z]))\S+
    | (?<![\w:./])
      (?:(?P<hours>\d{1,2}):)?(?P<minutes>\d{1,3}):(?P<seconds>\d\d)
      (?![\w:/]|\.\d|,\d{1,3}(?![\d:]))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_UNITS = ("hours", "minutes", "seconds")
# "7:30 am", "18:30 Uhr" and "a las 7:30" are on the clock in the kitchen. "At 12:34" is not: that
# is how people speak of films.
_CLOCK_BEFORE = re.compile(r"\blas?\s{1,2}$", re.IGNORECASE)
_CLOCK_AFTER = re.compile(
    r"\s{0,2}(?:[ap]\.?m\b(?!\s+i\b)|o['\u2019]?clock\b|uhr\b|h(?:rs|oras?|ours)?\b"
    r"|(?-i:UTC|GMT|BST|CES?T|E[SD]?T|P[SD]T)\b)",  # "cet" and "et" are words
    re.IGNORECASE,
)
_NEAR = 12  # characters in which such a word starts


def find(text: str) -> Iterator[tuple[int, int, int]]:
    """Each time in the text: where it starts, where it ends, and the second that it names.

    Minutes may run on ("75:10"), unless hours stand in front. Not in addresses, and not what is
    plainly a time of day. Linear in the length of the text.
    """
    for match in _ADDRESS_OR_TIME.finditer(text):
        if match["seconds"] is None:
            continue
        hours, minutes, seconds = (int(match[name] or 0) for name in _UNITS)
        after_hours = match["hours"] is not None
        if seconds > 59 or (after_hours and (minutes > 59 or len(match["minutes"]) != 2)):
            continue
        start, end = match.span()
        if _CLOCK_BEFORE.search(text[max(0, start - _NEAR) : start]):
            continue
        if _CLOCK_AFTER.match(text[end : end + _NEAR]):
            continue
        yield start, end, hours * 3600 + minutes * 60 + seconds


def keep(comment: Comment) -> None:
    """Write down the moments that a comment speaks of, as its text has them now.

    Called in the transaction that writes the text. Two statements at most, and up to two more to
    learn how long the film is, where its variant is not loaded with it.
    """
    seconds = _seconds_of(comment.body, comment.variant)
    comment.time_codes.exclude(variant=comment.variant_id, second__in=seconds).delete()
    if seconds:
        TimeCode.objects.bulk_create(_rows(comment, seconds), ignore_conflicts=True)


def keep_all(comments: Iterable[Comment]) -> None:
    """The same for new comments, many at once. Their variants are loaded with their films."""
    TimeCode.objects.bulk_create(
        (
            row
            for comment in comments
            if comment.variant
            for row in _rows(comment, _seconds_of(comment.body, comment.variant))
        ),
        batch_size=2_000,
        ignore_conflicts=True,
    )


def _rows(comment: Comment, seconds: Iterable[int]) -> list[TimeCode]:
    """What names the moments. The comment has a film."""
    return [TimeCode(comment=comment, variant=comment.variant, second=second) for second in seconds]


def _seconds_of(text: str, variant: Variant | None) -> list[int]:
    """The moments of the film in the text, each once, in its order."""
    if variant is None:
        return []
    # A film that is still being made may turn out to be as long as they say.
    length = length_of(variant) or _ENDLESS
    found = dict.fromkeys(second for _start, _end, second in find(text) if second < length)
    return list(found)[:_MOST]


def length_of(variant: Variant) -> int:
    """The seconds of the film that plays: a time from there on leads nowhere. 0 without a film."""
    return film_seconds(variant.duration) if variant.duration else 0


@dataclass(frozen=True)
class Said:
    """What is said about one chapter."""

    number: int  # comments, each counted once
    first: int  # the id of the one that speaks of the earliest second


def said_in_chapters(
    variant: Variant, starts: Iterable[int], spoken_of: Mapping[int, Sequence[int]]
) -> dict[int, Said]:
    """What is said about chapters that start at these seconds. No query.

    `spoken_of` are ids of comments by the second of which they speak (`comments.moving`). A chapter
    reaches to the next one here: what is said of a gap is said of what led to it.
    """
    ordered = sorted(starts)
    by_start: dict[int, list[int]] = defaultdict(list)
    for second, comment_ids in spoken_of.items():
        if second < length_of(variant) and (place := bisect_right(ordered, second)):
            by_start[ordered[place - 1]] += comment_ids
    return {start: Said(len(set(ids)), ids[0]) for start, ids in by_start.items()}
