"""The end of a class page: other classes like it, each with what they have in common."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

from django.conf import settings
from django.core.cache import caches
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.text import capfirst, get_text_list
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from classes import holes
from classes.body.avoiding import Avoided
from classes.catalogue import Catalogue, Facet, Option, Similar
from classes.catalogue.answers import Version
from classes.catalogue.fragments import Carded, KeptCard, kept_cards
from classes.catalogue.snapshot import Snapshot
from classes.kept import Latest
from classes.models import WorkoutClass
from classes.prepared import Prepared

NUMBER = 4  # no more than a member's own is asked of (`library.own.MOST_BESIDE`)
NAMED = 2  # tags or movements, of as many as they may share


@dataclass(frozen=True)
class SimilarClass:
    card: KeptCard
    reasons: list[str]  # in the reader's language, the weightiest first; at least one

    @property
    def own(self) -> SafeString:
        """The hole for what is a member's own."""
        return holes.hole(f"card-{self.card.class_id}")


class Section(NamedTuple):
    """The section of the page, empty where there is none, and the classes whose cards are in it.

    In pieces (`holes`): beside each card is a hole for what is a member's own.
    """

    pieces: list[str]
    classes: list[Carded]

    def html(self, beside: Mapping[int, SafeString]) -> SafeString:
        contents = {f"card-{class_id}": html for class_id, html in beside.items()}
        return SafeString(holes.filled(self.pieces, contents))


def similar_section(
    catalogue: Catalogue, version: Version, class_id: int, avoided: Avoided
) -> Section:
    """The same for all who read the language and avoid the same.

    `version` is the catalogue's own, of which `catalogue` may know all but the latest numbers of
    comments. No query while that stands; one, for those numbers, where only something was said
    anywhere; and else those of `similar_classes`.

    What a member avoids is kept nowhere: their classes are looked for in each request.
    """
    if not isinstance(catalogue, Snapshot):
        return _rendered(similar_classes(catalogue, class_id, avoided))
    number, stamp = catalogue.version.substance
    edition = f"{number}.{stamp}.{catalogue.listing.since}:{get_language()}"
    if avoided.slugs and not avoided.is_from_address:
        return _own_section(catalogue, version, class_id, avoided, edition)
    asked = blake2b(avoided.query.encode(), digest_size=12).hexdigest()
    key = f"similar:{class_id}:{edition}:{asked}"
    cache = caches["fragments"]
    kept_at, counts, section = cache.get(key) or (None, None, _NONE)
    if kept_at == version:
        return section
    if counts is None:
        hits = [similar.hit for similar in catalogue.similar(class_id, NUMBER, avoided.slugs)]
        counts = dict.fromkeys((hit.class_id for hit in hits), -1)  # nothing is rendered yet
    now = _counts(counts)
    if now != counts:
        section = _rendered(similar_classes(catalogue, class_id, avoided, now))
    cache.set(key, (version, now, section))
    return section


def _own_section(
    catalogue: Catalogue, version: Version, class_id: int, avoided: Avoided, edition: str
) -> Section:
    """Kept by all that it shows, which says nothing of who asked."""
    found = tuple(catalogue.similar(class_id, NUMBER, avoided.slugs))
    counts = _kept_counts([similar.hit.class_id for similar in found], version)
    key = (edition, found, tuple(sorted(counts.items())))
    section = _sections.get(key)
    if section is None:
        similar = _with_cards(catalogue, found, avoided, counts)
        section = _rendered(similar)
        if len(similar) == len(found) and not settings.DEBUG:
            _sections.keep(key, section)
    return section


_sections: Latest[tuple[str, tuple[Similar, ...], tuple[tuple[int, int], ...]], Section]
_sections = Latest(500)


def _kept_counts(class_ids: Iterable[int], version: Version) -> dict[int, int]:
    """As `_counts`, kept by class for as long as nothing is said anywhere. No query if all are.

    Classes are kept one by one: which of them stand together would tell what somebody avoids.
    """
    keys = {class_id: f"comment-count:{class_id}" for class_id in class_ids}
    cache = caches["fragments"]
    kept = cache.get_many(keys.values())
    found = {
        class_id: kept[key][1]
        for class_id, key in keys.items()
        if key in kept and kept[key][0] == version
    }
    if missing := keys.keys() - found.keys():
        latest = _counts(missing)
        cache.set_many({keys[class_id]: (version, number) for class_id, number in latest.items()})
        found |= latest
    return found


def _counts(class_ids: Iterable[int]) -> dict[int, int]:
    """Numbers of comments of at most `NUMBER` classes, as they are now. One query."""
    asked = list(class_ids)
    if not asked:
        return {}
    # One of them stands for those that are not there: the question is always the same.
    return dict(_COUNTS.rows(*asked, *[asked[0]] * (NUMBER - len(asked))))


_COUNTS = Prepared(
    lambda *class_ids: (
        WorkoutClass.objects.filter(pk__in=class_ids).order_by().values_list("pk", "comment_count")
    ),
    NUMBER,
)


_NONE = Section([""], [])


def _rendered(similar: list["SimilarClass"]) -> Section:
    if not similar:
        return _NONE
    html = render_to_string("classes/_similar.html", {"similar": similar})
    return Section(holes.pieces(html), [each.card.named for each in similar])


def similar_classes(
    catalogue: Catalogue,
    class_id: int,
    avoided: Avoided,
    counts: Mapping[int, int] | None = None,
) -> list[SimilarClass]:
    """The most similar first; none of them contains, or is unchecked for, what is avoided.

    Queries as `Catalogue.similar` and `kept_cards`, to which `counts` goes.
    """
    return _with_cards(
        catalogue, catalogue.similar(class_id, NUMBER, avoided.slugs), avoided, counts
    )


def _with_cards(
    catalogue: Catalogue,
    found: Iterable[Similar],
    avoided: Avoided,
    counts: Mapping[int, int] | None,
) -> list[SimilarClass]:
    hits = [similar.hit for similar in found]
    cards = {
        card.class_id: card for card in kept_cards(catalogue, hits, "h3", avoided, counts=counts)
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
