"""The end of a class page: other classes like it, each with what they have in common."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _

from classes.body.avoiding import Avoided
from classes.catalogue import Catalogue, Facet, Option, Similar
from classes.catalogue.fragments import KeptCard, kept_cards

NUMBER = 4
NAMED = 2  # tags or movements, of as many as they may share


@dataclass(frozen=True)
class SimilarClass:
    card: KeptCard
    reasons: list[str]  # in the reader's language, the weightiest first; at least one


def similar_classes(catalogue: Catalogue, class_id: int, avoided: Avoided) -> list[SimilarClass]:
    """The most similar first; none of them contains, or is unchecked for, what is avoided.

    Queries as `Catalogue.similar` and `kept_cards`.
    """
    found = catalogue.similar(class_id, NUMBER, avoided.slugs)
    cards = {
        card.class_id: card
        for card in kept_cards(catalogue, [similar.hit for similar in found], "h3", avoided)
    }
    return [
        SimilarClass(cards[similar.hit.class_id], _reasons(catalogue, similar))
        for similar in found
        if similar.hit.class_id in cards
    ]


def _reasons(catalogue: Catalogue, similar: Similar) -> list[str]:
    vocabulary = catalogue.vocabulary
    reasons = []
    if similar.focus:
        tags = _labels(vocabulary.options[Facet.FOCUS], similar.focus)
        reasons.append(_("also %(tags)s") % {"tags": tags})
    else:
        movements = _labels(vocabulary.movements, similar.movements)
        reasons.append(_("also has %(movements)s") % {"movements": movements})
    if similar.same_level:
        reasons.append(_("the same level"))
    if similar.same_length:
        reasons.append(_("about as long"))
    return [capfirst(reasons[0]), *reasons[1:]]


def _labels(options: Iterable[Option], values: Iterable[str]) -> str:
    labels = {option.value: option.label for option in options}
    named = [labels[value] for value in values if value in labels]
    return get_text_list(named[:NAMED], _("and"))
