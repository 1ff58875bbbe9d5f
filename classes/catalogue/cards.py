"""What the card of a class shows, wherever there are cards."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from classes.body.vouching import vouched_tags
from classes.languages import is_studio_language, own_name
from classes.models import FocusTag, Picture, Tempo, Variant, WorkoutClass

from .sql import Hit


@dataclass(frozen=True)
class Note:
    """A word on the poster. `language` is that of the word where it is not the reader's."""

    text: str
    language: str = ""


@dataclass(frozen=True)
class Card:
    """`variant` is the film whose length and link the card has; None while none is ready."""

    workout_class: WorkoutClass
    variant: Variant | None
    focus_tags: list[FocusTag]  # only what is vouched for

    @property
    def url(self) -> str:
        return (self.variant or self.workout_class).get_absolute_url()

    @property
    def picture(self) -> Picture | None:
        """The curator's poster, else a frame of the film that the card leads to."""
        if self.workout_class.poster or not (self.variant and self.variant.video):
            return self.workout_class.poster
        return self.variant.video.poster

    @property
    def notes(self) -> list[Note]:
        """What tells this film from the usual one, and whether it costs nothing."""
        notes = [Note(_("Free"))] if self.workout_class.is_free else []
        if self.variant and self.variant.tempo != Tempo.WORKOUT:
            notes.append(Note(self.variant.get_tempo_display()))
        if self.variant and not is_studio_language(self.variant.language):
            language = self.variant.language
            notes.append(Note(own_name(language), language))
        return notes


def cards_for_hits(hits: Sequence[Hit], *, with_description: bool = False) -> list[Card]:
    """Cards in the order of the hits, in as many queries as `for_cards` needs."""
    classes = _load((hit.class_id for hit in hits), with_description=with_description)
    return [_card(classes[hit.class_id], hit.variant_id) for hit in hits if hit.class_id in classes]


def cards_by_id(class_ids: Iterable[int]) -> dict[int, Card]:
    """Cards by the id of the class, each with the class's first variant."""
    return {pk: _card(workout_class) for pk, workout_class in _load(class_ids).items()}


def _load(class_ids: Iterable[int], *, with_description: bool = False) -> dict[int, WorkoutClass]:
    listed = WorkoutClass.objects.listed().for_cards()
    if not with_description:  # up to 5,000 characters that no card shows
        listed = listed.defer("description")
    return listed.in_bulk(list(class_ids))


def _card(workout_class: WorkoutClass, variant_id: int | None = None) -> Card:
    """The card with that variant, or with the first where it is gone or none was named."""
    named = (film for film in workout_class.ready_variants if film.pk == variant_id)
    variant = next(named, workout_class.first_variant)
    return Card(workout_class, variant, vouched_tags(workout_class))
