"""The catalogue once more in plain Python, over rows already loaded: the others must agree.

It reads what addresses promise as literally as it can and shares no code with `classes.catalogue`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from classes.models import Variant, WorkoutClass

BANDS = {
    "0-10": range(0, 11),
    "11-20": range(11, 21),
    "21-30": range(21, 31),
    "31-45": range(31, 46),
    "46-60": range(46, 61),
    "61-": range(61, 10_000),
}
FACETS = ("show", "focus", "length", "level", "apparatus", "prop", "instructor", "language")

Wanted = dict[str, list[str]]


@dataclass(frozen=True)
class Studio:
    rows: list[WorkoutClass]  # from `for_page`
    defined: dict[str, datetime]  # by the slug of each movement


@dataclass(frozen=True)
class Asked:
    """What an address asks for: values by facet, and what the visitor avoids."""

    wanted: Wanted
    avoids: Sequence[str] = ()
    unchecked: bool = False
    found: Sequence[int] | None = None  # ids of the classes that a search found, best first
    sort: str = ""


@dataclass(frozen=True)
class Answer:
    classes: list[tuple[int, int | None]]  # ids of class and film, in order
    counts: dict[str, dict[str, int]] = field(repr=False)  # of what would be left, if anything
    unchecked: int
    left_out: tuple[int, int]  # for what they contain, for want of a check


def understood(
    studio: Studio,
    pairs: Sequence[tuple[str, str]],
    options: Wanted,
    *,
    saved: Sequence[str] = (),
    found: Sequence[int] = (),
) -> Asked:
    """What the parameters of an address ask for: what means nothing is as if it were not there."""
    spoken = {
        film.language for row in listed(studio.rows) for film in row.variants.all() if film.video_id
    }
    known = {**options, "language": spoken}
    wanted: Wanted = {facet: [] for facet in FACETS}
    for name, value in pairs:
        value = "en" if (name, value) == ("language", "EN") else value
        if name in wanted and value in known[name] and value not in wanted[name]:
            wanted[name].append(value)
    texts = [value for name, value in pairs if name == "q" and value]
    has_words = any(text != "\N{RIGHT-TO-LEFT MARK}" for text in texts) and not any(
        character in text for text in texts for character in "\0\N{REPLACEMENT CHARACTER}"
    )
    named = [value for name, value in pairs if name == "avoid"]
    avoids = list(dict.fromkeys(slug for slug in named if slug in studio.defined))
    if not avoids and "none" not in named:
        avoids = list(saved)
    sort = next((value for name, value in reversed(pairs) if name == "sort" and value), "")
    sorts = ("newest", "shortest", "longest", "discussed", *(["relevance"] if has_words else []))
    unchecked = [value for name, value in pairs if name == "unchecked" and value]
    return Asked(
        wanted,
        avoids,
        unchecked=bool(avoids) and unchecked[-1:] == ["yes"],
        found=found if has_words else None,
        sort=sort if sort in sorts else "",
    )


def answer(studio: Studio, asked: Asked, options: Wanted) -> Answer:
    wanted = asked.wanted
    there = [row for row in listed(studio.rows) if asked.found is None or row.pk in asked.found]
    left = [row for row in there if stays(studio, row, asked)]
    found = [row for row in left if suits(row, wanted)]
    suiting = [row for row in there if suits(row, wanted)]
    containing = [row for row in suiting if contains_any(row, asked.avoids)]
    return Answer(
        classes=in_order(found, asked),
        counts={
            facet: {
                value: number
                for value in options[facet]
                if (number := sum(suits(row, with_option(wanted, facet, value)) for row in left))
            }
            for facet in FACETS
        },
        unchecked=(
            sum(suits(row, wanted, focus=could_carry) for row in left) - len(found)
            if wanted["focus"]
            else 0
        ),
        left_out=(
            len(containing),
            sum(
                row not in containing and not is_checked_for_all(studio, row, asked.avoids)
                for row in suiting
            ),
        )
        if asked.avoids
        else (0, 0),
    )


def listed(rows: list[WorkoutClass]) -> list[WorkoutClass]:
    now = timezone.now()
    return [
        row
        for row in rows
        if row.state == "published"
        and row.published_at
        and row.published_at <= now
        and (row.retires_at is None or row.retires_at > now)
    ]


def stays(studio: Studio, row: WorkoutClass, asked: Asked) -> bool:
    """Whether what the visitor avoids leaves the class in, or in the list of what was left out."""
    if asked.unchecked:
        return bool(asked.avoids) and not (
            contains_any(row, asked.avoids) or is_checked_for_all(studio, row, asked.avoids)
        )
    return not asked.avoids or (
        is_checked_for_all(studio, row, asked.avoids) and not contains_any(row, asked.avoids)
    )


def contains_any(row: WorkoutClass, avoids: Sequence[str]) -> bool:
    return not slugs(row.movements).isdisjoint(avoids)


def is_checked_for_all(studio: Studio, row: WorkoutClass, avoids: Sequence[str]) -> bool:
    return bool(row.checked_by_id and row.checked_at) and all(
        slug in studio.defined and studio.defined[slug] <= row.checked_at for slug in avoids
    )


def with_option(wanted: Wanted, facet: str, value: str) -> Wanted:
    """Focus narrows; every other facet counts with its own choices set aside."""
    return wanted | {facet: [*wanted["focus"], value] if facet == "focus" else [value]}


def suits(row: WorkoutClass, wanted: Wanted, focus: Callable | None = None) -> bool:
    carries = focus or (lambda row, slug: slug in vouched(row))
    return (
        all(carries(row, slug) for slug in wanted["focus"])
        and any_of(wanted["level"], {row.level})
        and any_of(wanted["apparatus"], slugs(row.apparatus))
        and any_of(wanted["prop"], slugs(row.props))
        and any_of(wanted["instructor"], slugs(row.instructors))
        and (not asks_for_a_film(wanted) or bool(films(row, wanted)))
    )


def any_of(wanted: list[str], has: set[str]) -> bool:
    return not wanted or not has.isdisjoint(wanted)


def slugs(related) -> set[str]:
    return {term.slug for term in related.all()}


def vouched(row: WorkoutClass) -> set[str]:
    contained = slugs(row.movements)
    return {
        tag.slug
        for tag in row.focus_tags.all()
        if all(
            row.checked_by_id
            and row.checked_at
            and row.checked_at >= movement.defined_at
            and movement.slug not in contained
            for movement in tag.forbids.all()
        )
    }


def could_carry(row: WorkoutClass, slug: str) -> bool:
    """Carried, and nothing speaks against it but that nobody may have looked."""
    contained = slugs(row.movements)
    return any(
        tag.slug == slug and contained.isdisjoint(slugs(tag.forbids))
        for tag in row.focus_tags.all()
    )


def asks_for_a_film(wanted: Wanted) -> bool:
    return bool(wanted["show"] or wanted["length"] or wanted["language"])


def films(row: WorkoutClass, wanted: Wanted) -> list[Variant]:
    """Ready films that satisfy all three facets at once, the best first."""
    suitable = [
        film
        for film in row.variants.all()
        if film.video_id
        and any_of(wanted["show"], shows(film))
        and any_of(wanted["language"], {film.language})
        and any_of(wanted["length"], {band_of(film)})
    ]
    return sorted(
        suitable,
        key=lambda film: (
            film.language.split("-")[0] != "en",
            film.tempo != "workout-tempo",
            film.language,
        ),
    )


def shows(film: Variant) -> set[str]:
    is_foreign = film.language.split("-")[0] != "en"
    return {film.tempo, "other-languages"} if is_foreign else {film.tempo}


def band_of(film: Variant) -> str:
    milliseconds = round(film.video.duration.total_seconds() * 1000)
    minutes = max(1, (milliseconds + 30_000) // 60_000)
    return next(value for value, band in BANDS.items() if minutes in band)


def in_order(found: list[WorkoutClass], asked: Asked) -> list[tuple[int, int | None]]:
    first = {row.pk: next(iter(films(row, asked.wanted)), None) for row in found}

    def seconds(row: WorkoutClass) -> float | None:
        return first[row.pk].video.duration.total_seconds() if first[row.pk] else None

    found = newest_first(found)
    if asked.sort == "discussed":
        found.sort(key=lambda row: -row.comment_count)
    elif asked.sort == "shortest":
        found.sort(key=lambda row: (seconds(row) is None, seconds(row) or 0))
    elif asked.sort == "longest":
        found.sort(key=lambda row: (seconds(row) is None, -(seconds(row) or 0)))
    elif asked.found is not None and asked.sort != "newest":
        found.sort(key=lambda row: asked.found.index(row.pk))
    return [(row.pk, first[row.pk].pk if first[row.pk] else None) for row in found]


def newest_first(rows: list[WorkoutClass]) -> list[WorkoutClass]:
    return sorted(rows, key=lambda row: (row.published_at, row.pk), reverse=True)


# --- Shelves, and what is similar ---------------------------------------------------------------

NOTHING_WANTED: Wanted = {facet: [] for facet in FACETS}


def newest_by_focus(
    studio: Studio, tags: list[str], size: int, avoids: Sequence[str]
) -> dict[str, list[tuple[int, int | None]]]:
    left = remaining(studio, avoids)
    return {
        slug: [(row.pk, first_film(row)) for row in left if slug in vouched(row)][:size]
        for slug in tags
    }


@dataclass(frozen=True)
class Alike:
    class_id: int
    film: int | None
    focus: tuple[str, ...]
    movements: tuple[str, ...]
    same_level: bool
    same_length: bool


def similar(studio: Studio, this: WorkoutClass, size: int, avoids: Sequence[str]) -> list[Alike]:
    """The highest sum of what they share first, the newest first where it is the same."""
    scored = []
    own_tags, own_movements = vouched(this), slugs(this.movements)
    for row in remaining(studio, avoids):
        alike = Alike(
            row.pk,
            first_film(row),
            focus=in_common(row.focus_tags, vouched(row) & own_tags),
            movements=in_common(row.movements, own_movements),
            same_level=row.level == this.level,
            same_length=bool(first_band(row)) and first_band(row) == first_band(this),
        )
        score = (
            4 * len(alike.focus)
            + 2 * alike.same_level
            + alike.same_length
            + (not slugs(row.apparatus).isdisjoint(slugs(this.apparatus)))
            + min(3, len(alike.movements))
        )
        if row.pk != this.pk and (alike.focus or alike.movements):
            scored.append((score, alike))
    return [alike for _score, alike in sorted(scored, key=lambda pair: -pair[0])][:size]


def in_common(related, shared: set[str]) -> tuple[str, ...]:
    """In the studio's order, which is that of the rows."""
    return tuple(term.slug for term in related.all() if term.slug in shared)


def remaining(studio: Studio, avoids: Sequence[str]) -> list[WorkoutClass]:
    asked = Asked(NOTHING_WANTED, avoids)
    return newest_first([row for row in listed(studio.rows) if stays(studio, row, asked)])


def first_film(row: WorkoutClass) -> int | None:
    return next((film.pk for film in films(row, NOTHING_WANTED)), None)


def first_band(row: WorkoutClass) -> str:
    return next((band_of(film) for film in films(row, NOTHING_WANTED)), "")
