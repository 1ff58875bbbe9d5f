"""Where in the films of a class the words were found, as links to the second."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse

from classes import search
from classes.addresses import address_of
from classes.body.avoiding import Avoided

from .fragments import KeptCard


@dataclass(frozen=True)
class MomentLink:
    """`language` is that of the text."""

    url: str
    moment: timedelta
    text: str
    language: str


def moment_links(
    words: str, cards: Sequence[KeptCard], avoided: Avoided
) -> dict[int, list[MomentLink]]:
    """By class, of those on the page. One query if there are words and cards."""
    if not words or not cards:
        return {}
    found = search.moments(words, [card.class_id for card in cards])
    return {
        card.class_id: [
            MomentLink(
                url=avoided.passed_on_to(_url(card, moment)),
                moment=timedelta(seconds=moment.second),
                text=moment.text,
                language=moment.text_language,
            )
            for moment in found.get(card.class_id, ())
        ]
        for card in cards
    }


def _url(card: KeptCard, moment: search.Moment) -> str:
    """The page of the film it is in, at the second, whether there is a script or not."""
    if moment.variant_id == card.first_film_id:
        path = address_of("classes:detail", card.slug)
    else:
        path = reverse("classes:variant", args=[card.slug, moment.tempo, moment.language])
    return f"{path}?t={moment.second}#t={moment.second}"
