"""What the addresses of our own pages mean, so that a comment shows them in words.

An instructor answers with a link such as "/classes/?focus=spine-safe"; members read "Spine Safe
classes", and the list behind it stays current.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db.models import Prefetch, Q
from django.http import QueryDict
from django.urls import Resolver404, resolve
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from classes.catalogue import Facet, Vocabulary, keeping, parse
from classes.languages import language_name
from classes.models import Variant, WorkoutClass
from comments.text import find_addresses

# Nobody pastes a longer one, and what follows must not be asked to take it apart.
_LONGEST = 500
# Nor so many in one comment, where each costs a look through every address of the site.
_MOST = 30


def meanings(texts: Iterable[str]) -> dict[str, str]:
    """What our own addresses in these texts lead to, in the reader's language.

    Only what everybody finds in the catalogue has a meaning: a draft's title does not leak by its
    address. At most four queries, whatever the number of texts; none where there is no address.
    Of one text only the first `_MOST` addresses are looked at.
    """
    pages = {}
    for text in texts:
        ours = (address for _start, address in find_addresses(text) if _may_be_ours(address))
        for address in islice(dict.fromkeys(ours), _MOST):
            if address not in pages and (page := _page_at(address)):
                pages[address] = page
    known = _look_up(pages.values())
    told = {address: _meaning(page, known) for address, page in pages.items()}
    return {address: meaning for address, meaning in told.items() if meaning}


@dataclass(frozen=True)
class _Page:
    """An address taken apart."""

    view: str
    slug: str = ""
    tempo: str = ""
    language: str = ""
    query: str = ""

    @property
    def is_of_class(self) -> bool:
        return self.view in ("classes:detail", "classes:variant")

    @property
    def is_of_catalogue(self) -> bool:
        return self.view in ("classes:list", "classes:focus", "classes:instructor")


@dataclass
class _Known:
    """What had to be asked of the database about all the pages together."""

    classes: dict[str, WorkoutClass] = field(default_factory=dict)  # by present and former slug
    vocabulary: Vocabulary | None = None


def _may_be_ours(address: str) -> bool:
    if len(address) > _LONGEST:
        return False
    try:
        return address.startswith("/") or _is_ours(urlsplit(address).netloc)
    except ValueError:
        return False


def _page_at(address: str) -> _Page | None:
    """The page of ours that an address names, or None for any other."""
    try:
        parts = urlsplit(address)
        path = unquote(parts.path)
        found = resolve(path if path.endswith("/") else f"{path}/")
    except (ValueError, Resolver404):
        return None
    page = _Page(
        view=found.view_name,
        slug=found.kwargs.get("slug", ""),
        tempo=found.kwargs.get("tempo", ""),
        language=found.kwargs.get("language", ""),
        query=parts.query,
    )
    return page if page.is_of_class or page.is_of_catalogue else None


def _is_ours(host: str) -> bool:
    return host.lower() == urlsplit(settings.SITE_URL).netloc.lower()


def _look_up(pages: Iterable[_Page]) -> _Known:
    known = _Known()
    slugs = {page.slug for page in pages if page.is_of_class}
    if slugs:
        listed = (
            WorkoutClass.objects.listed()
            .filter(Q(slug__in=slugs) | Q(former_slugs__slug__in=slugs))
            .order_by()
            .distinct()
            .prefetch_related("former_slugs", Prefetch("variants", Variant.objects.ready()))
        )
        for workout_class in listed:
            for former in workout_class.former_slugs.all():
                known.classes.setdefault(former.slug, workout_class)
            known.classes[workout_class.slug] = workout_class
    if any(page.is_of_catalogue for page in pages):
        known.vocabulary = keeping.current().vocabulary
    return known


def _meaning(page: _Page, known: _Known) -> str:
    """What the page is about, or nothing if everybody would not find it there."""
    if page.is_of_class:
        workout_class = known.classes.get(page.slug)
        return _name_of_class(workout_class, page) if workout_class else ""
    if known.vocabulary is None:
        return ""
    if page.view == "classes:focus":
        tag = known.vocabulary.find(Facet.FOCUS, page.slug)
        return _classes_for(tag.label) if tag else ""
    if page.view == "classes:instructor":
        instructor = known.vocabulary.find(Facet.INSTRUCTOR, page.slug)
        return instructor.label if instructor else ""
    return _choice_of_classes(page, known.vocabulary)


def _name_of_class(workout_class: WorkoutClass, page: _Page) -> str:
    if page.view == "classes:detail":
        return workout_class.title
    for variant in workout_class.variants.all():
        if (variant.tempo, variant.language.lower()) == (page.tempo, page.language.lower()):
            return _("%(title)s (%(tempo)s, %(language)s)") % {
                "title": workout_class.title,
                "tempo": variant.get_tempo_display(),
                "language": language_name(variant.language),
            }
    return ""


def _choice_of_classes(page: _Page, vocabulary: Vocabulary) -> str:
    """The catalogue, filtered. Nothing if a part of the address means nothing there."""
    choices, left_out = parse(QueryDict(page.query), vocabulary)
    if left_out:
        return ""
    focus = _labels(vocabulary, Facet.FOCUS, choices.focus)
    others = [_("“%(words)s”") % {"words": choices.q}] if choices.q else []
    for facet in Facet:
        if facet is not Facet.FOCUS:
            others += _labels(vocabulary, facet, choices.of(facet))
    if others:
        meaning = _("Classes: %(names)s") % {"names": ", ".join([*focus, *others])}
    else:
        meaning = _classes_for(", ".join(focus)) if focus else _("All classes")
    avoided = [option.label for option in vocabulary.movements if option.value in choices.avoids]
    if avoided:
        names = get_text_list(avoided, _("or"))
        return _("%(classes)s, without %(movements)s") % {"classes": meaning, "movements": names}
    return meaning


def _labels(vocabulary: Vocabulary, facet: Facet, values: Iterable[str]) -> list[str]:
    options = (vocabulary.find(facet, value) for value in values)
    return [option.label for option in options if option]


def _classes_for(focus: str) -> str:
    return _("%(focus)s classes") % {"focus": focus}
