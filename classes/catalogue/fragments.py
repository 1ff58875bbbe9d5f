"""What is rendered once for everybody who reads the same language.

What is kept is keyed by the version of the catalogue, the language and whatever else the markup
depends on.

- A card is keyed by the version at which its own class was read last: what is said or changed
  elsewhere leaves it as it is, and a new name of a tag or a teacher renews them all.
- Cards know nothing of who is looking: what is a visitor's own, such as a mark for what they
  avoid, stands beside them on the page and is never kept. An address's own avoid set is in the
  key, for the card's link passes it on; what a member keeps is in no link, and so in no card.
- The page of a class is kept with holes for those who may see and do the same (`kept_frame`), and
  whole for visitors without any cookie (`kept_class_page`).
- Whole pages of the catalogue are kept for visitors without any cookie only, who all get the same
  (as `accounts.caching` promises to caches in front), and where few choices were made: those are
  the addresses that people share. A page that was made for somebody is never looked at.
"""

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.core.cache import caches
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django_htmx.middleware import HtmxDetails

from classes import holes
from classes.body.avoiding import Avoided, Mark
from classes.models import WorkoutClass
from classes.page_marks import PageMarks
from classes.watch import passes

from .answers import Catalogue, Counts, Hit
from .card_markup import card_markup
from .cards import Card, cards_for_hits
from .choices import Choices
from .snapshot import Snapshot

if TYPE_CHECKING:
    from .moments import MomentLink


MOST_KEPT = 60  # characters of an address: about two choices
EMPTY = SafeString("")


@dataclass(frozen=True)
class Look:
    """How a card is shown: the level of its heading, and how its picture loads."""

    heading: str = "h3"
    is_seen_first: bool = False  # in sight as soon as the page is there
    is_large: bool = False  # alone and wide, not one of a grid

    @property
    def key(self) -> str:
        return f"{self.heading}{self.is_seen_first:d}{self.is_large:d}"


class KeptCard(NamedTuple):
    """A card as it stands on the page, and what else links of its class need."""

    html: SafeString
    class_id: int
    slug: str
    title: str
    first_film_id: int | None

    @property
    def named(self) -> "Carded":
        return Carded(self.class_id, self.slug, self.title)


@dataclass(frozen=True)
class Shown:
    """A card with what is this visitor's own beside it."""

    card: KeptCard
    mark: Mark | None = None
    # Of a member (classes.library.beside_cards), or a hole for it. Written as it is.
    own: SafeString = EMPTY
    moments: "Sequence[MomentLink]" = ()


def kept_cards(
    catalogue: Catalogue,
    hits: Sequence[Hit],
    heading: str,
    avoided: Avoided,
    *,
    seen_first: int = 0,
    counts: Mapping[int, int] | None = None,
) -> list[KeptCard]:
    """Cards of a list in the order of the hits, the first `seen_first` of them in sight at once.

    `counts` are numbers of comments by class, where they were read later than the catalogue.
    As many queries as `kept`; a class that is no longer listed has no card.
    """
    asked = [(hit, Look(heading, place < seen_first)) for place, hit in enumerate(hits)]
    found = kept(catalogue, asked, avoided, counts or {})
    return [found[each] for each in asked if each in found]


def kept(
    catalogue: Catalogue,
    asked: Sequence[tuple[Hit, Look]],
    avoided: Avoided,
    counts: Mapping[int, int] = MappingProxyType({}),
) -> dict[tuple[Hit, Look], KeptCard]:
    """No query where all are kept; else those of `cards_for_hits`, however many are not."""
    common = _key(avoided)
    keys = {
        (hit, look): f"{common}:{look.key}:{_state(catalogue, hit.class_id)}"
        f":{counts.get(hit.class_id, '')}:{hit.class_id}.{hit.variant_id or 0}"
        for hit, look in asked
    }
    cache = caches["fragments"]
    cards: dict[str, KeptCard] = cache.get_many(keys.values())
    missing = [each for each, key in keys.items() if key not in cards]
    if missing:
        made = cards_for_hits(catalogue, list(dict.fromkeys(hit for hit, _look in missing)))
        fresh = {
            keys[hit, look]: _render(made[hit], look, avoided)
            for hit, look in missing
            if hit in made
        }
        cache.set_many(fresh)
        cards |= fresh
    return {each: cards[key] for each, key in keys.items() if key in cards}


@dataclass(frozen=True)
class KeptPage:
    """A page of the catalogue, or for htmx what a choice changes of it."""

    key: str

    def get(self) -> str | None:
        packed = caches["fragments"].get(self.key)
        return zlib.decompress(packed).decode() if packed else None

    def keep(self, html: str) -> None:
        """Packed: a page is fifty kilobytes, and every worker may hold thousands."""
        caches["fragments"].set(self.key, zlib.compress(html.encode(), 1))


def kept_page(request: HttpRequest, catalogue: Catalogue, choices: Choices) -> KeptPage | None:
    """Where the page of this state may be kept; None where it may not.

    Only at the shortest address of the state: a page repeats its query in links to itself.
    """
    edition = getattr(catalogue, "edition", "")  # the database, asked itself, has none
    # As the view reads it, for the header may be written in two ways: what is kept as a whole page
    # must be one.
    is_partial = bool(HtmxDetails(request))
    if (
        not edition
        or request.headers.get("Cookie")
        or request.headers.get("Authorization")
        or choices.q
        or len(choices.address) > MOST_KEPT
        or not (is_partial or request.get_full_path() == choices.address)
    ):
        return None
    address = blake2b(choices.address.encode(), digest_size=12).hexdigest()
    return KeptPage(f"page:{edition}:{get_language()}:{is_partial:d}:{address}")


@dataclass(frozen=True)
class KeptClassPage:
    """The page of a class as visitors without any cookie get it."""

    key: str

    def get(self, request: HttpRequest) -> str | None:
        """With a pass for the film, where everybody may watch it."""
        kept = caches["fragments"].get(self.key)
        if kept is None:
            return None
        packed, until, video_id = kept
        if until is not None and timezone.now() >= until:
            return None
        html = zlib.decompress(packed).decode()
        if video_id is None:
            return html
        everyones = passes.new_pass(passes.EVERYONE)
        passes.hand_out(request, everyones)
        return html.replace(holes.TOKEN, everyones.token(video_id))

    def keep(self, html: str, until: datetime | None, video_id: UUID | None) -> None:
        """`html` still has `holes.TOKEN` in the place of the film's token."""
        packed = zlib.compress(html.encode(), 1)
        caches["fragments"].set(self.key, (packed, until, video_id))


def kept_class_page(
    request: HttpRequest, marks: PageMarks, catalogue: Catalogue
) -> KeptClassPage | None:
    """Where the whole page may be kept; None where it may not: it is made for one reader, or at an
    address that few ask for."""
    if (
        not isinstance(catalogue, Snapshot)
        or request.headers.get("Cookie")
        or request.headers.get("Authorization")
        or not _is_asked_for_often(request)
    ):
        return None
    number, stamp = marks.version
    state = f"{number}.{stamp}.{catalogue.listing.since} {marks.others} {marks.comment_count}"
    return KeptClassPage(_digest("class-page", state, request))


@dataclass(frozen=True)
class KeptFrame:
    """A page with holes, the same for all who may see and do the same."""

    key: str

    def get(self) -> list[str] | None:
        return caches["fragments"].get(self.key)

    def keep(self, pieces: list[str]) -> None:
        caches["fragments"].set(self.key, pieces)


class Carded(NamedTuple):
    """A class whose card stands on a page: what is written beside it needs."""

    class_id: int
    slug: str
    title: str


@dataclass(frozen=True)
class KeptCatalogueFrame:
    """A page of the catalogue with holes, and the classes whose cards stand in it."""

    key: str

    def get(self) -> tuple[list[str], list[Carded]] | None:
        return caches["fragments"].get(self.key)

    def keep(self, pieces: list[str], classes: list[Carded]) -> None:
        caches["fragments"].set(self.key, (pieces, classes))


def kept_frame(
    request: HttpRequest,
    marks: PageMarks,
    catalogue: Catalogue,
    workout_class: WorkoutClass,
    avoided: Avoided,
    sees: tuple[object, ...],
) -> KeptFrame | None:
    """Where the frame of a page may be kept; `sees` is all of the reader that is in it.

    None where it may not: with what an address avoids, and of a class that not everybody may open.
    What a member avoids is kept nowhere: it stands in a hole.
    """
    if (
        not isinstance(catalogue, Snapshot)
        or not workout_class.is_public
        or (avoided.slugs and avoided.is_from_address)
        or not _is_asked_for_often(request)
    ):
        return None
    zone = timezone.get_current_timezone()
    state = f"{marks.substance}.{catalogue.listing.since} {zone} {sees}"
    return KeptFrame(_digest("class-frame", state, request))


# A class's own address, and those of its pages of comments.
_OFTEN = re.compile(r"(?:comments=[1-9][0-9]{0,4})?")


def _is_asked_for_often(request: HttpRequest) -> bool:
    return _OFTEN.fullmatch(request.META.get("QUERY_STRING", "")) is not None


def _digest(kind: str, state: str, request: HttpRequest) -> str:
    where = f"{get_language()} {request.method} {request.get_full_path()} {state}"
    return f"{kind}:{blake2b(where.encode(), digest_size=20).hexdigest()}"


def kept_catalogue_frame(
    request: HttpRequest,
    catalogue: Catalogue,
    choices: Choices,
    counts: Counts,
    hits: Sequence[Hit],
) -> KeptCatalogueFrame | None:
    """Where a page of the catalogue may be kept, with holes for what is its reader's own.

    By what it shows: the address, the numbers, the classes. So nothing in it or in its key says
    for whom it was made, nor what they avoid: who does not, and gets the same, shares it. None
    where it may not be kept, as with what a member has done, and where few would ask for it.
    """
    is_partial = bool(HtmxDetails(request))
    if (
        not isinstance(catalogue, Snapshot)
        or choices.q
        or choices.hides_done
        or not hits
        or not (is_partial or request.get_full_path() == choices.address)
    ):
        return None
    state = f"{choices.address} {is_partial:d} {counts} {_shown(request, catalogue, hits)}"
    return KeptCatalogueFrame(_digest("catalogue-frame", state, request))


def kept_home_frame(
    request: HttpRequest, catalogue: Catalogue, hits: Sequence[Hit], beside: tuple[object, ...]
) -> KeptCatalogueFrame | None:
    """The same for the first page, `beside` being what it shows beside these classes.

    Only for its own address: others are asked for by few.
    """
    if not isinstance(catalogue, Snapshot) or request.META.get("QUERY_STRING", ""):
        return None
    state = f"{beside} {_shown(request, catalogue, hits)}"
    return KeptCatalogueFrame(_digest("home-frame", state, request))


def _shown(request: HttpRequest, catalogue: Snapshot, hits: Sequence[Hit]) -> str:
    """Names these cards, and all else that the catalogue says, for members or for visitors."""
    number, stamp = catalogue.version.substance
    edition = f"{number}.{stamp}.{catalogue.listing.since}"
    classes = [(hit.class_id, hit.variant_id, _state(catalogue, hit.class_id)) for hit in hits]
    return f"{edition} {request.user.is_authenticated:d} {classes}"


def _key(avoided: Avoided) -> str:
    """What the keys of all cards of a page begin with. Short, whatever the address avoids."""
    query = blake2b(avoided.query.encode(), digest_size=12).hexdigest() if avoided.query else ""
    return f"card:{get_language()}:{query}"


def _state(catalogue: Catalogue | Snapshot, class_id: int) -> str:
    """Names what the catalogue says of one class. The database, asked itself, knows no better."""
    version = catalogue.read_at(class_id) if isinstance(catalogue, Snapshot) else catalogue.version
    return f"{version.number}.{version.stamp}"


def _render(card: Card, look: Look, avoided: Avoided) -> KeptCard:
    html = card_markup(card, avoided.passed_on_to(card.url), look)
    return KeptCard(html, card.class_id, card.slug, card.title, card.first_film_id)
