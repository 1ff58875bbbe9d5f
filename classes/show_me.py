"""The *Show me…* menu: the same class at another tempo or in another language.

Its three entries stand on every class page. One that the class has leads to that variant; one
that it does not have leads to the catalogue filtered by it, so that no entry is dead.
"""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from classes.languages import direction, is_studio_language, own_name
from classes.models import Tempo, Variant, WorkoutClass

OTHER_LANGUAGES = "other-languages"  # the catalogue's value of `show`


@dataclass(frozen=True)
class Entry:
    """A link of the menu. `language` is that of its text where it is not the page's."""

    text: str
    url: str
    is_current: bool = False
    language: str = ""
    direction: str = ""
    is_elsewhere: bool = False  # leads to the catalogue: this class does not have it


@dataclass(frozen=True)
class ShowMe:
    tempos: list[Entry]
    other_languages: Entry  # where the class is in the studio's language only
    languages: list[Entry]  # every language of the class; empty where it has no other


def show_me(workout_class: WorkoutClass, shown: Variant | None) -> ShowMe:
    """The menu as it stands when `shown` is on the page. Needs `for_cards`; runs no query."""
    variants = workout_class.ready_variants
    others = [variant for variant in variants if not is_studio_language(variant.language)]
    return ShowMe(
        tempos=[_tempo_entry(tempo, variants, shown) for tempo in Tempo],
        other_languages=_elsewhere(_("Other Languages"), OTHER_LANGUAGES),
        languages=_language_entries(variants, shown) if others else [],
    )


def _tempo_entry(tempo: Tempo, variants: list[Variant], shown: Variant | None) -> Entry:
    at_tempo = [variant for variant in variants if variant.tempo == tempo]
    if not at_tempo:
        return _elsewhere(str(tempo.label), tempo.value)
    # Who listens in Spanish stays in Spanish where there is a choice.
    same_language = [v for v in at_tempo if shown and v.language == shown.language]
    target = (same_language or at_tempo)[0]
    return Entry(str(tempo.label), target.get_absolute_url(), is_current=target == shown)


def _language_entries(variants: list[Variant], shown: Variant | None) -> list[Entry]:
    by_language: dict[str, list[Variant]] = {}
    for variant in variants:
        by_language.setdefault(variant.language, []).append(variant)
    entries = []
    for language, spoken in by_language.items():
        same_tempo = [v for v in spoken if shown and v.tempo == shown.tempo]
        target = (same_tempo or spoken)[0]
        entries.append(
            Entry(
                own_name(language),
                target.get_absolute_url(),
                is_current=target == shown,
                language=language,
                direction=direction(language),
            )
        )
    return entries


def _elsewhere(text: str, show: str) -> Entry:
    return Entry(text, f"{reverse('classes:list')}?show={show}", is_elsewhere=True)
