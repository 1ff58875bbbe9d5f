"""A folder of films, each file named for its class, tempo and language.

morning-back-care.workout-tempo.en.mp4
morning-back-care.observe-and-learn.pt-BR.mov
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from classes.languages import canonical_tag
from classes.models import Tempo, Variant, Video, WorkoutClass
from classes.uploads import why_not_upload
from classes.video.bringing_in import bring_in, waiting_copy
from classes.video.errors import FilmRefused
from classes.video.probe import Probe, judge_film, probe_film

NAME_PARTS = 4  # slug, tempo, language and what kind of file it is


class NotTaken(Exception):
    """A file stays outside; the text says why, to whoever put it into the folder."""


@dataclass(frozen=True)
class FilmFile:
    """A file and the variant that it is for, by its name. The variant may not exist yet."""

    path: Path
    workout_class: WorkoutClass
    tempo: Tempo
    language: str

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    @property
    def variant(self) -> Variant:
        """The one in the database, else a new one that is not saved."""
        place = {
            "workout_class": self.workout_class,
            "tempo": self.tempo,
            "language": self.language,
        }
        stored = Variant.objects.select_related("video").filter(**place).first()
        if stored is None:
            return Variant(**place)
        stored.workout_class = self.workout_class  # one object, whose check is taken back once
        return stored


@dataclass(frozen=True)
class Fit:
    """What is known of a film that may come in."""

    probe: Probe
    is_new_variant: bool
    replaces: Video | None
    takes_check_back: bool


def read_folder(folder: Path) -> list[tuple[Path, FilmFile | NotTaken]]:
    """The files of a folder by name, each with where it belongs or why it belongs nowhere.

    Hidden files and folders are passed over. Of two files for one variant neither is taken.
    """
    paths = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
    slugs = {path.name.split(".")[0] for path in paths}
    classes = {found.slug: found for found in WorkoutClass.objects.filter(slug__in=slugs)}
    read = [(path, _read_name(path, classes)) for path in paths]
    twins = defaultdict(list)
    for path, file in read:
        if isinstance(file, FilmFile):
            twins[file.workout_class.pk, file.tempo, file.language].append(path.name)
    return [(path, _unless_twin(file, twins)) for path, file in read]


def came_in_before(file: FilmFile) -> bool:
    """Whether this very file came in on another run. NotTaken where it has failed since."""
    variant = file.variant
    if variant.pk is None:
        return False
    same = variant.videos.filter(original_name=file.path.name, master_bytes=file.size)
    video = same.order_by("-uploaded_at").first()
    if video is not None and video.state == Video.State.FAILED:
        raise NotTaken(_("It came in before and failed: %(error)s") % {"error": video.error})
    return video is not None


def judge(file: FilmFile, *, replace: bool, promised: int = 0) -> Fit:
    """What the film is like, if it may come in now; else NotTaken.

    `promised` are bytes of the disk that other files will have taken by then. Costs about half a
    second.
    """
    variant = file.variant
    there = _in_its_place(variant)
    if there is not None and not replace:
        raise NotTaken(
            _("Another film is in its place, “%(film)s”: --replace puts this one there.")
            % {"film": there}
        )
    if reason := why_not_upload(file.size, promised=promised):
        raise NotTaken(reason)
    try:
        probe = probe_film(file.path)
        judge_film(probe)
    except FilmRefused as refusal:
        raise NotTaken(refusal.in_words()) from None
    return Fit(
        probe,
        is_new_variant=variant.pk is None,
        replaces=there,
        takes_check_back=file.workout_class.is_checked,
    )


def take(file: FilmFile, on_progress: Callable[[int], None] | None = None) -> Video:
    """Copy a film to the masters and put it on the list, making its variant where there is none.

    The database is not held while the file is copied. OSError where that fails.
    """
    with waiting_copy(file.path, on_progress) as upload, transaction.atomic():
        variant = file.variant
        if variant.pk is None:
            variant.save()
        return bring_in(variant, upload, name=file.path.name)


def _read_name(path: Path, classes: Mapping[str, WorkoutClass]) -> FilmFile | NotTaken:
    parts = path.name.split(".")
    if len(parts) != NAME_PARTS:
        return NotTaken(_("Its name is not made like class-address.workout-tempo.en.mp4."))
    slug, tempo, language, _kind = parts
    if slug not in classes:
        return NotTaken(_("No class has the address “%(slug)s”.") % {"slug": slug})
    if tempo not in Tempo.values:
        return NotTaken(
            _("“%(tempo)s” is no tempo; it may be %(tempos)s.")
            % {"tempo": tempo, "tempos": get_text_list(Tempo.values, _("or"))}
        )
    try:
        tag = canonical_tag(language)
    except ValueError:
        return NotTaken(
            _("“%(tag)s” is no language tag. Write it like en, pt-BR or zh-Hans.")
            % {"tag": language}
        )
    return FilmFile(path, classes[slug], Tempo(tempo), tag)


def _unless_twin(
    file: FilmFile | NotTaken, twins: dict[tuple[int, Tempo, str], list[str]]
) -> FilmFile | NotTaken:
    if isinstance(file, NotTaken):
        return file
    names = twins[file.workout_class.pk, file.tempo, file.language]
    if len(names) == 1:
        return file
    return NotTaken(
        _("Several files are for the same film: %(names)s. Leave one of them.")
        % {"names": get_text_list(names, _("and"))}
    )


def _in_its_place(variant: Variant) -> Video | None:
    """The film that plays or is about to; None where nothing would be replaced."""
    if variant.pk is None:
        return None
    waiting = variant.videos.in_the_works()
    return waiting.order_by("-uploaded_at").first() or variant.video
