"""Cards of the classes in a member's library.

What is listed has the card that everybody gets. A class that left the catalogue since has one made
for the reader, as long as they may open its page.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db.models import Prefetch
from django.utils.safestring import SafeString

from accounts.models import Member
from classes.body.avoiding import Avoided
from classes.catalogue import Catalogue, Hit
from classes.catalogue.card_markup import card_markup
from classes.catalogue.cards import Card, Film
from classes.catalogue.fragments import Look, kept
from classes.models import Variant, WorkoutClass


class LibraryCard(NamedTuple):
    html: SafeString
    is_listed: bool  # else it is retired, or not public
    has_film: bool


def library_cards(
    member: Member, catalogue: Catalogue, hits: Iterable[Hit], look: Look
) -> Mapping[Hit, LibraryCard]:
    """By hit, those that the member may open. Queries as `kept`, and four more where some class is
    not listed."""
    asked = list(dict.fromkeys(hits))
    listed = kept(catalogue, [(hit, look) for hit in asked], Avoided())
    cards = {
        hit: LibraryCard(card.html, is_listed=True, has_film=card.first_film_id is not None)
        for (hit, _look), card in listed.items()
    }
    others = _open_to(member, {hit.class_id for hit in asked if hit not in cards})
    for hit in asked:
        if hit not in cards and hit.class_id in others:
            cards[hit] = _card(others[hit.class_id], hit.variant_id, look)
    return cards


def with_films(variants: str = "variants") -> Prefetch:
    """The films that can be watched, from which a class has its address and its picture."""
    return Prefetch(variants, Variant.objects.ready().select_related("video__poster"))


def _open_to(member: Member, class_ids: Iterable[int]) -> dict[int, WorkoutClass]:
    asked = list(class_ids)
    if not asked:
        return {}
    classes = WorkoutClass.objects.visible_to(member).filter(pk__in=asked).select_related("poster")
    return classes.prefetch_related("instructors", with_films()).in_bulk()


def _card(workout_class: WorkoutClass, variant_id: int | None, look: Look) -> LibraryCard:
    films = workout_class.ready_variants
    variant = next((each for each in films if each.pk == variant_id), workout_class.first_variant)
    film = None
    if variant and variant.video:
        film = Film(
            variant.pk, variant.tempo, variant.language, variant.duration, variant.video.poster
        )
    card = Card(
        class_id=workout_class.pk,
        title=workout_class.title,
        slug=workout_class.slug,
        level=workout_class.level,
        is_free=workout_class.is_free,
        comment_count=workout_class.comment_count,
        poster=workout_class.poster,
        film=film,
        first_film_id=films[0].pk if films else None,
        instructors=tuple(person.name for person in workout_class.instructors.all()),
        focus_tags=(),  # what somebody vouches for is told of what is in the catalogue
    )
    html = card_markup(card, card.url, look)
    return LibraryCard(html, is_listed=False, has_film=film is not None)
