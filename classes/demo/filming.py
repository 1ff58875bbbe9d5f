"""Films for the demo's variants: drawn by this machine, then brought in like any upload."""

import logging
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from classes.languages import primary_subtag
from classes.models import Variant, Video
from classes.taxonomy import read_taxonomy
from classes.video.bringing_in import bring_in
from classes.video.ffmpeg import FfmpegFailed, find_ffmpeg, stop_all

from .films import lengthen, make_film
from .library import show_film
from .studio import DemoClass, DemoVariant, read_studio

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shoot:
    """A variant in the database that has no film yet, and what its film is to be."""

    variant: Variant
    demo: DemoClass
    film: DemoVariant

    @property
    def file_name(self) -> str:
        return f"{self.demo.slug}.{self.film.tempo}.{self.film.language}.mp4"


def waiting_shoots() -> list[Shoot]:
    """Variants of the demo's classes for which nobody ever brought in a film, in the demo's order.

    A film that failed was brought in: what to do about it is a curator's decision.
    """
    variants = {
        (variant.workout_class.slug, variant.tempo, variant.language): variant
        for variant in Variant.objects.filter(videos=None).select_related("workout_class")
    }
    return [
        Shoot(variants[key], demo, film)
        for demo in read_studio().classes
        for film in demo.variants
        if (key := (demo.slug, film.tempo, film.language)) in variants
    ]


def shoot_films(shoots: Iterable[Shoot]) -> Iterator[tuple[Shoot, Video | None]]:
    """Draw the films, as many at once as there are cores, and bring in each as it is finished.

    Each then waits for its first look. None stands for a film that could not be drawn now, which
    another run begins anew. Raises FfmpegMissing, and Stopped when the worker is to end.
    """
    binary = find_ffmpeg(settings.FFMPEG_BINARY)
    pool = ThreadPoolExecutor(max_workers=os.cpu_count())
    with tempfile.TemporaryDirectory(prefix="matwork-demo-") as folder:
        try:
            films: dict[Future[Path], Shoot] = {
                pool.submit(_draw, shoot, Path(folder), binary): shoot for shoot in shoots
            }
            for finished in as_completed(films):
                shoot = films[finished]
                # In this thread: a connection to the database is not for several.
                yield shoot, _bring_in(shoot, finished)
        except KeyboardInterrupt:
            stop_all()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def _draw(shoot: Shoot, folder: Path, binary: str) -> Path:
    clip = folder / shoot.file_name
    make_film(
        clip,
        palette=shoot.demo.palette,
        exercises=_names(shoot.demo.exercises, shoot.film.language),
        seconds=shoot.film.seconds,
        seed=zlib.crc32(shoot.file_name.encode()),
        binary=binary,
    )
    if shoot.film.minutes:
        lengthen(clip, clip, shoot.film.minutes, binary=binary)
    return clip


def _names(slugs: Iterable[str], language: str) -> list[str]:
    exercises = {row["slug"]: row for row in read_taxonomy()["exercises"]}
    spoken = primary_subtag(language)
    return [exercises[slug]["names"].get(spoken, exercises[slug]["name"]) for slug in slugs]


def _bring_in(shoot: Shoot, drawn: Future[Path]) -> Video | None:
    """As an upload, but that the check of its class stands: it was made for this very film."""
    try:
        film = drawn.result()
    except FfmpegFailed:
        logger.exception("The film %s could not be drawn", shoot.file_name)
        return None
    video = bring_in(shoot.variant, film, name=shoot.file_name, keeps_check=True)
    show_film(video)
    film.unlink()
    return video
