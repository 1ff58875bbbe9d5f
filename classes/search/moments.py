"""Words to the moments of films."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Case, F, IntegerField, Q, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils.translation import get_language

from classes.models import SearchMoment

from .words import asked, root

MOMENTS = 3  # of each class


@dataclass(frozen=True)
class Moment:
    """A second of a film at which words occur, in a chapter or in what is said."""

    kind: str  # "chapter" or "cue"
    variant_id: int
    tempo: str
    language: str  # that the film is in
    second: int  # from its beginning
    text: str
    text_language: str  # BCP 47


def moments(q: str, class_ids: Collection[int]) -> dict[int, list[Moment]]:
    """At most three moments of each of these classes, in the order of the films. One query.

    Those with most of the words; chapters before what is said. A class without any has no entry.
    What it costs goes with the films of these classes, and not with how many others there are.
    """
    words = [f" {root(word)}" for word in asked(q)]
    if not words or not class_ids:
        return {}
    occurs = [Q(words__contains=word) for word in words]
    score = sum(
        (Case(When(each, then=1), default=0, output_field=IntegerField()) for each in occurs),
        start=Value(0),
    )
    any_word = Q()
    for each in occurs:
        any_word |= each
    best_first = [F("score").desc(), F("kind").asc(), F("variant_id").asc(), F("second").asc()]
    place = Window(RowNumber(), partition_by=F("workout_class_id"), order_by=best_first)
    rows = (
        SearchMoment.objects.filter(
            any_word, workout_class__in=class_ids, variant__video__isnull=False
        )
        .annotate(score=score)
        .annotate(place=place)
        .filter(place__lte=MOMENTS)
        .order_by("place")
        .select_related("variant")
    )
    best: dict[int, int] = {}
    found: dict[int, list[Moment]] = {}
    for row in rows:
        # What has fewer of the words than another has them by accident.
        if row.score == best.setdefault(row.workout_class_id, row.score):
            found.setdefault(row.workout_class_id, []).append(_moment(row))
    return {
        class_id: sorted(each, key=lambda moment: (moment.variant_id, moment.second))
        for class_id, each in found.items()
    }


def _moment(row: SearchMoment) -> Moment:
    """In the reader's language, where it has one: as `in_reader_language`, with its tag."""
    reader = get_language() or ""
    language = next((tag for tag in (reader, reader.split("-")[0]) if row.texts.get(tag)), "")
    return Moment(
        kind=row.kind,
        variant_id=row.variant_id,
        tempo=row.variant.tempo,
        language=row.variant.language,
        second=row.second,
        text=row.texts.get(language, row.text),
        text_language=language or row.language,
    )
