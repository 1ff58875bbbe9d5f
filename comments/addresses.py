"""What the addresses of our own pages mean, so that a comment shows them in words.

An instructor answers with a link such as "/classes/?focus=spine-safe"; members read "Spine Safe
classes (14)", and the list behind it stays current. A class whose address stands alone on a line
may be shown as a card.

What is said here depends on the catalogue's edition and the reader's language, and on nothing of
the reader: the numbers are those of a visitor who avoids nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db.models import Q
from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from classes import search
from classes.catalogue import Catalogue, Choices, Facet, Hit, Vocabulary, keeping, parse
from classes.catalogue.cards import cards_for_hits
from classes.languages import language_name
from classes.models import Tempo, WorkoutClass
from comments.text import find_addresses, without_host

# Nobody pastes a longer one, and what follows must not be asked to take it apart.
LONGEST = 500
# Nor so many in one comment, where each costs a look through every address of the site.
_MOST = 30
# So many lists together say how long they are, and so many of those that look for words: each of
# the latter may cost a query. The others have their name only.
_MOST_COUNTED = 100
_MOST_SEARCHED = 3


def meanings(texts: Iterable[str], catalogue: Catalogue | None = None) -> dict[str, str]:
    """What our own addresses in these texts lead to, in the reader's language.

    Only what everybody finds in the catalogue has a meaning: a draft's title does not leak by its
    address. Of one text only the first `_MOST` addresses are looked at.

    No query where there is no address of ours; else one for the classes named, and one for the
    catalogue if it is not given. A catalogue that answers from the database takes two more, and
    words that are looked for at most `_MOST_SEARCHED`. None of it grows with the texts.
    """
    pages: dict[str, _Page] = {}
    for text in texts:
        pages.update(_pages_in(text))
    known = _look_up(pages.values(), catalogue)
    told = {address: _meaning(page, known) for address, page in pages.items()}
    return {address: meaning for address, meaning in told.items() if meaning}


def cards(texts: Iterable[str], catalogue: Catalogue | None = None) -> dict[str, SafeString]:
    """A card for each listed class whose address stands alone on a line of these texts.

    For `text.as_html`. Whose words may show cards is for the caller to decide: those of people who
    teach, and of staff. No query where there is no such line; else the two of `meanings` and those
    of `cards_for_hits`.
    """
    pages = {
        address: page
        for text in texts
        for address, page in _pages_in("\n".join(_lone_addresses(text))).items()
        if page.is_of_class
    }
    if not pages:
        return {}
    catalogue = catalogue or keeping.current()
    known = _look_up(pages.values(), catalogue)
    hits = {address: hit for address, page in pages.items() if (hit := known.hit(page))}
    found = cards_for_hits(catalogue, list(dict.fromkeys(hits.values())))
    return {
        address: render_to_string(
            "comments/_class_card.html", {"card": found[hit], "url": without_host(address)}
        )
        for address, hit in hits.items()
        if hit in found
    }


def mentions_us(text: str) -> bool:
    """Whether how this text is shown depends on the catalogue. No query."""
    return any(True for _each in _found_in(text))


def choices_at(address: str, vocabulary: Vocabulary) -> Choices | None:
    """The state of the catalogue at an address of ours, from its first page.

    A focus or an instructor's page is the state that has their classes. None for any other
    address, and where a part of it means nothing. Runs no query.
    """
    page = _page_at(address) if _may_be_ours(address) else None
    return _choices_on(page, vocabulary) if page else None


def name_of(choices: Choices, vocabulary: Vocabulary) -> str:
    """The catalogue in this state, in words, as "Spine Safe classes". Runs no query."""
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


class _Film(NamedTuple):
    variant_id: int
    tempo: str
    language: str


@dataclass
class _Class:
    """A listed class with the films that can be watched."""

    pk: int
    title: str
    films: list[_Film] = field(default_factory=list)

    def film(self, page: _Page) -> _Film | None:
        """The film at this address; case does not matter in the code of a language."""
        return next(
            (
                film
                for film in self.films
                if (film.tempo, film.language.lower()) == (page.tempo, page.language.lower())
            ),
            None,
        )


@dataclass
class _Known:
    """What had to be asked of the database about all the pages together."""

    classes: dict[str, _Class] = field(default_factory=dict)  # by present and former slug
    vocabulary: Vocabulary | None = None
    numbers: Mapping[Choices, int] = field(default_factory=dict)  # of classes in each state

    def hit(self, page: _Page) -> Hit | None:
        """The class on this page with the film of its address, or with none for its own."""
        workout_class = self.classes.get(page.slug)
        if workout_class is None or page.view == "classes:detail":
            return Hit(workout_class.pk, None) if workout_class else None
        film = workout_class.film(page)
        return Hit(workout_class.pk, film.variant_id) if film else None


def _pages_in(text: str) -> dict[str, _Page]:
    return dict(_found_in(text))


def _found_in(text: str) -> Iterator[tuple[str, _Page]]:
    """Our own pages among the first `_MOST` addresses of a text that may be ours."""
    ours = (address for _start, address in find_addresses(text) if _may_be_ours(address))
    seen = set()
    for address in islice(ours, _MOST):
        if address not in seen and (page := _page_at(address)):
            yield address, page
        seen.add(address)


def _lone_addresses(text: str) -> Iterator[str]:
    """Lines that are nothing but an address."""
    for line in map(str.strip, text.splitlines()):
        if _may_be_ours(line) and [*find_addresses(line)] == [(0, line)]:
            yield line


def _may_be_ours(address: str) -> bool:
    if len(address) > LONGEST:
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


def _look_up(pages: Iterable[_Page], catalogue: Catalogue | None) -> _Known:
    pages = list(pages)
    known = _Known()
    if slugs := {page.slug for page in pages if page.is_of_class}:
        known.classes = _listed(slugs)
    if any(page.is_of_catalogue for page in pages):
        catalogue = catalogue or keeping.current()
        vocabulary = known.vocabulary = catalogue.vocabulary
        states = (_choices_on(page, vocabulary) for page in pages if page.is_of_catalogue)
        known.numbers = _count(catalogue, dict.fromkeys(filter(None, states)))
    return known


def _listed(slugs: Iterable[str]) -> dict[str, _Class]:
    """Listed classes by these slugs, present or former. One query."""
    columns = ("pk", "title", "slug", "former_slugs__slug")
    films = ("variants__video_id", "variants__pk", "variants__tempo", "variants__language")
    rows = (
        WorkoutClass.objects.listed()
        .filter(Q(slug__in=slugs) | Q(former_slugs__slug__in=slugs))
        .order_by()
        .values_list(*columns, *films)
    )
    found: dict[int, _Class] = {}
    present: dict[str, _Class] = {}
    former: dict[str, _Class] = {}
    for pk, title, slug, former_slug, video_id, variant_id, tempo, language in rows:
        workout_class = found.setdefault(pk, _Class(pk, title))
        present[slug] = workout_class
        if former_slug:
            former[former_slug] = workout_class
        if video_id:
            workout_class.films.append(_Film(variant_id, tempo, language))
    return former | present


def _count(catalogue: Catalogue, states: Iterable[Choices]) -> dict[Choices, int]:
    states = list(states)
    plain = [state for state in states if not state.q][:_MOST_COUNTED]
    numbers = dict(zip(plain, catalogue.count_each(plain), strict=True))
    for state in [state for state in states if state.q][:_MOST_SEARCHED]:
        [numbers[state]] = catalogue.count_each([state], search.find(state.q, catalogue.version))
    return numbers


def _choices_on(page: _Page, vocabulary: Vocabulary) -> Choices | None:
    if page.view == "classes:focus":
        tag = vocabulary.find(Facet.FOCUS, page.slug)
        return Choices(focus=(tag.value,)) if tag else None
    if page.view == "classes:instructor":
        person = vocabulary.find(Facet.INSTRUCTOR, page.slug)
        return Choices(instructor=(person.value,)) if person else None
    if page.view != "classes:list":
        return None
    choices, left_out = parse(QueryDict(page.query), vocabulary)
    return None if left_out else replace(choices, page=1)


def _meaning(page: _Page, known: _Known) -> str:
    """What the page is about, or nothing if everybody would not find it there."""
    if page.is_of_class:
        workout_class = known.classes.get(page.slug)
        return _name_of_class(workout_class, page) if workout_class else ""
    if known.vocabulary is None:
        return ""
    choices = _choices_on(page, known.vocabulary)
    if choices is None:
        return ""
    if page.view == "classes:instructor":  # a person before a list
        return ", ".join(_labels(known.vocabulary, Facet.INSTRUCTOR, choices.instructor))
    return _with_number(name_of(choices, known.vocabulary), known.numbers.get(choices))


def _name_of_class(workout_class: _Class, page: _Page) -> str:
    if page.view == "classes:detail":
        return workout_class.title
    film = workout_class.film(page)
    if film is None:
        return ""
    return _("%(title)s (%(tempo)s, %(language)s)") % {
        "title": workout_class.title,
        "tempo": Tempo(film.tempo).label,
        "language": language_name(film.language),
    }


def _with_number(classes: str, number: int | None) -> str:
    if number is None:
        return classes
    shown = number_format(number, force_grouping=True)
    return _("%(classes)s (%(number)s)") % {"classes": classes, "number": shown}


def _labels(vocabulary: Vocabulary, facet: Facet, values: Iterable[str]) -> list[str]:
    options = (vocabulary.find(facet, value) for value in values)
    return [option.label for option in options if option]


def _classes_for(focus: str) -> str:
    return _("%(focus)s classes") % {"focus": focus}
