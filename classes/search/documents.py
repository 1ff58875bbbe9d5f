"""What can be found of a class: the words of its document, and its moments."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.db.models import F, QuerySet

from classes.body.vouching import vouched_taggings
from classes.models import Chapter, Cue, SearchMoment, WorkoutClass

from .words import folded, split

MOST_SAID = 20_000  # different words of a class; an index has its limits
_TARGET = re.compile(r"\]\([^()\s]*\)")  # of a link in Markdown


class Words(NamedTuple):
    """The columns of a `SearchDocument`."""

    title: str
    names: str
    tags: str
    description: str
    said: str


class Named(NamedTuple):
    """What a chapter is called: its exercise, or its title."""

    name: str
    names: dict[str, str]
    aliases: list[str]

    @property
    def all(self) -> list[str]:
        return [self.name, *self.names.values(), *self.aliases]


class MomentRow(NamedTuple):
    """The columns of a `SearchMoment`."""

    variant_id: int
    kind: str
    second: int
    language: str
    text: str
    texts: dict[str, str]
    words: str


@dataclass
class Document:
    """The texts of one class, as they are gathered."""

    title: str
    descriptions: list[str]
    names: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    moments: list[MomentRow] = field(default_factory=list)

    @property
    def words(self) -> Words:
        return Words(
            title=" ".join(split(self.title)),
            names=" ".join(_each_once(self.names)),
            tags=" ".join(_each_once(self.tags)),
            description=" ".join(word for text in self.descriptions for word in split(text)),
            said=" ".join(_each_once(self.said)[:MOST_SAID]),
        )

    def add_chapter(self, variant_id: int, start: int, note: str, named: Named) -> None:
        """Found by all its names, whichever of them is shown."""
        self.names += named.all
        self.descriptions.append(note)
        self.moments.append(
            MomentRow(
                variant_id,
                SearchMoment.Kind.CHAPTER,
                start,
                settings.STUDIO_LANGUAGE,  # what curators write in
                _line(named.name, note),
                {language: _line(name, note) for language, name in named.names.items()},
                folded([*named.all, note]),
            )
        )

    def add_cue(self, variant_id: int, language: str, start: float, text: str) -> None:
        self.said.append(text)
        self.moments.append(
            MomentRow(
                variant_id, SearchMoment.Kind.CUE, int(start), language, text, {}, folded([text])
            )
        )


def make_documents(class_ids: Collection[int]) -> dict[int, Document]:
    """The documents of those of these classes that there are, drafts too. Five queries.

    Chapters and captions are those of films that can be watched, as far as the film goes.
    """
    rows = WorkoutClass.objects.filter(pk__in=class_ids).order_by()
    documents = {
        pk: Document(title, [_TARGET.sub("] ", description)])
        for pk, title, description in rows.values_list("pk", "title", "description")
    }
    people = WorkoutClass.instructors.through.objects.filter(workoutclass__in=class_ids)
    for class_id, name in people.order_by("pk").values_list("workoutclass_id", "instructor__name"):
        documents[class_id].names.append(name)
    tags = vouched_taggings().filter(workoutclass__in=class_ids).order_by("pk")
    for class_id, name, names in tags.values_list(
        "workoutclass_id", "focustag__name", "focustag__names"
    ):
        documents[class_id].tags += [name, *names.values()]
    chapters = _with_films(Chapter.objects.all(), "variant", class_ids)
    for class_id, length, film, start, title, note, *exercise in chapters.values_list(
        "class_id",
        "length",
        "variant_id",
        "start",
        "title",
        "note",
        "exercise__name",
        "exercise__names",
        "exercise__aliases",
    ):
        if timedelta(seconds=start) < length:
            named = Named(title, {}, []) if title else Named(*exercise)
            documents[class_id].add_chapter(film, start, note, named)
    cues = _with_films(Cue.objects.all(), "captions__variant", class_ids)
    for class_id, length, film, language, start, text in cues.values_list(
        "class_id", "length", "captions__variant_id", "captions__language", "start", "text"
    ):
        if timedelta(seconds=start) < length:
            documents[class_id].add_cue(film, language, start, text)
    return documents


def _with_films(rows: QuerySet, film: str, class_ids: Collection[int]) -> QuerySet:
    """Rows about films that can be watched, with the class and the film's length."""
    return (
        rows.filter(
            **{f"{film}__workout_class__in": class_ids, f"{film}__video__duration__isnull": False}
        )
        .annotate(class_id=F(f"{film}__workout_class_id"), length=F(f"{film}__video__duration"))
        .order_by(f"{film}_id", "start", "pk")
    )


def _line(name: str, note: str) -> str:
    return f"{name} · {note}" if note else name


def _each_once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word for text in texts for word in split(text)))
