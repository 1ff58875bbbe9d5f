"""The *Show me…* menu: the same class at another tempo or in another language.

Its three entries stand on every class page. One that the class has leads to that variant; one
that it does not have leads to the catalogue filtered by it, so that no entry is dead.

Whoever changes the film keeps their place where both films have chapters of the same exercise:
from its second time in one to its second time in the other. An entry's address says it for the
second that the page's own address has (`?t=`), so that it works without a script; `places` says
it for every other second, to the script that knows where the film has got to.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from classes.body.avoiding import Avoided
from classes.body.timeline_text import film_seconds
from classes.languages import direction, is_studio_language, own_name
from classes.models import Chapter, Tempo, Variant, WorkoutClass

OTHER_LANGUAGES = "other-languages"  # the catalogue's value of `show`


class Span(NamedTuple):
    """A chapter by its seconds, the end not included; no exercise where it has a title only."""

    start: int
    end: int
    exercise_id: int | None


Outlines = Mapping[int, Sequence[Span]]  # by the id of the variant, in the order of its film


class Place(NamedTuple):
    """From one second of this film to another, the end not included: go to `there`."""

    start: int
    end: int
    there: int


@dataclass(frozen=True)
class Entry:
    """A link of the menu. `language` is that of its text where it is not the page's."""

    text: str
    url: str
    is_current: bool = False
    language: str = ""
    direction: str = ""
    is_elsewhere: bool = False  # leads to the catalogue: this class does not have it
    places: str = ""  # JSON: [[start, end, there], …] in whole seconds; see `Place`


@dataclass(frozen=True)
class ShowMe:
    tempos: list[Entry]
    other_languages: Entry  # where the class is in the studio's language only
    languages: list[Entry]  # every language of the class; empty where it has no other


def outlines_of(workout_class: WorkoutClass) -> Outlines:
    """The chapters of its ready variants, as far as their films have them. One query."""
    films = {v.pk: film_seconds(v.duration) for v in workout_class.ready_variants if v.duration}
    rows = Chapter.objects.filter(variant__in=films).order_by("start")
    outlines = defaultdict(list)
    for pk, *span in rows.values_list("variant_id", "start", "end", "exercise_id"):
        if span[0] < films[pk]:
            outlines[pk].append(Span(*span))
    return dict(outlines)


def same_places(here: Sequence[Span], there: Sequence[Span]) -> list[Place]:
    """Where each exercise of one film begins in another.

    The first time leads to the first, the second to the second; where the other film does it
    fewer times, to the last.
    """
    begins: dict[int | None, list[int]] = defaultdict(list)
    for span in there:
        if span.exercise_id is not None:
            begins[span.exercise_id].append(span.start)
    times: Counter[int | None] = Counter()
    places = []
    for span in here:
        if found := begins.get(span.exercise_id):
            places.append(
                Place(span.start, span.end, found[min(times[span.exercise_id], len(found) - 1)])
            )
            times[span.exercise_id] += 1
    return places


def show_me(
    workout_class: WorkoutClass,
    shown: Variant | None,
    *,
    outlines: Outlines | None = None,
    second: int | None = None,
    avoided: Avoided | None = None,
) -> ShowMe:
    """The menu as it stands when `shown` is on the page. Needs `for_cards`; runs no query.

    `second` is the one that the page's address leads to. Entries pass on what it avoids.
    """
    menu = _Menu(workout_class, shown, outlines or {}, second, avoided or Avoided())
    return ShowMe(
        tempos=[menu.of_tempo(tempo) for tempo in Tempo],
        other_languages=menu.elsewhere(_("Other Languages"), OTHER_LANGUAGES),
        languages=menu.of_languages(),
    )


@dataclass(frozen=True)
class _Menu:
    workout_class: WorkoutClass
    shown: Variant | None
    outlines: Outlines
    second: int | None
    avoided: Avoided

    def of_tempo(self, tempo: Tempo) -> Entry:
        variants = self.workout_class.ready_variants
        at_tempo = [variant for variant in variants if variant.tempo == tempo]
        if not at_tempo:
            return self.elsewhere(str(tempo.label), tempo.value)
        # Who listens in Spanish stays in Spanish where there is a choice.
        same_language = [v for v in at_tempo if self.shown and v.language == self.shown.language]
        return self._entry(str(tempo.label), (same_language or at_tempo)[0])

    def of_languages(self) -> list[Entry]:
        variants = self.workout_class.ready_variants
        if all(is_studio_language(variant.language) for variant in variants):
            return []
        by_language = defaultdict(list)
        for variant in variants:
            by_language[variant.language].append(variant)
        entries = []
        for language, spoken in by_language.items():
            same_tempo = [v for v in spoken if self.shown and v.tempo == self.shown.tempo]
            target = (same_tempo or spoken)[0]
            entries.append(self._entry(own_name(language), target, language))
        return entries

    def elsewhere(self, text: str, show: str) -> Entry:
        url = self.avoided.passed_on_to(f"{reverse('classes:list')}?show={show}")
        return Entry(text, url, is_elsewhere=True)

    def _entry(self, text: str, target: Variant, language: str = "") -> Entry:
        places = self._places(target)
        there = next(
            (p.there for p in places if self.second is not None and p.start <= self.second < p.end),
            None,
        )
        moment = "" if there is None else f"?t={there}#t={there}"
        return Entry(
            text,
            self.avoided.passed_on_to(target.get_absolute_url() + moment),
            is_current=target == self.shown,
            language=language,
            direction=direction(language) if language else "",
            places=json.dumps(places, separators=(",", ":")) if places else "",
        )

    def _places(self, target: Variant) -> list[Place]:
        if self.shown is None or target == self.shown:
            return []
        here, there = (self.outlines.get(film.pk, ()) for film in (self.shown, target))
        return same_places(here, there)
