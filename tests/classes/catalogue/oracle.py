"""The catalogue once more in plain Python, over rows already loaded: what the SQL must agree with.

It reads what addresses promise as literally as it can and shares no code with `classes.catalogue`.
"""

from collections.abc import Callable
from dataclasses import dataclass

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
class Answer:
    classes: list[tuple[int, int | None]]  # ids of class and film, in order
    counts: dict[str, dict[str, int]]  # of what would be left, where that is more than nothing
    unchecked: int


def answer(
    rows: list[WorkoutClass], wanted: Wanted, words: list[str], sort: str, options: Wanted
) -> Answer:
    """`wanted` and `options` are values by facet; `rows` come from `for_page`."""
    now = timezone.now()
    listed = [
        row
        for row in rows
        if row.state == "published" and row.published_at and row.published_at <= now
    ]
    said = [row for row in listed if all(says(row, word) for word in words)]
    found = [row for row in said if suits(row, wanted)]
    return Answer(
        classes=in_order(found, wanted, words, sort),
        counts={
            facet: {
                value: number
                for value in options[facet]
                if (number := sum(suits(row, with_option(wanted, facet, value)) for row in said))
            }
            for facet in FACETS
        },
        unchecked=(
            sum(suits(row, wanted, focus=could_carry) for row in said) - len(found)
            if wanted["focus"]
            else 0
        ),
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


def says(row: WorkoutClass, word: str) -> bool:
    return score(row, word) > 0


def score(row: WorkoutClass, word: str) -> int:
    word = word.lower()
    names = [person.name for person in row.instructors.all()]
    for tag in row.focus_tags.all():
        if tag.slug in vouched(row):
            names += [tag.name, *tag.names.values()]
    if word in row.title.lower():
        return 4
    if any(word in name.lower() for name in names):
        return 2
    return 1 if word in row.description.lower() else 0


def in_order(
    found: list[WorkoutClass], wanted: Wanted, words: list[str], sort: str
) -> list[tuple[int, int | None]]:
    first = {row.pk: next(iter(films(row, wanted)), None) for row in found}

    def seconds(row: WorkoutClass) -> float | None:
        return first[row.pk].video.duration.total_seconds() if first[row.pk] else None

    found = sorted(found, key=lambda row: (row.published_at, row.pk), reverse=True)
    if sort == "discussed":
        found.sort(key=lambda row: -row.comment_count)
    elif sort == "shortest":
        found.sort(key=lambda row: (seconds(row) is None, seconds(row) or 0))
    elif sort == "longest":
        found.sort(key=lambda row: (seconds(row) is None, -(seconds(row) or 0)))
    elif sort == "relevance" or (not sort and words):
        found.sort(key=lambda row: -sum(score(row, word) for word in words))
    return [(row.pk, first[row.pk].pk if first[row.pk] else None) for row in found]
