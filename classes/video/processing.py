"""Takes a film from its master to what members watch, or to a sentence that says why not.

    first look   judge the file; where nothing plays yet and browsers can play it as it is, show a
                 copy of it at once
    ladder       make every rendition and what belongs to it, check all of it, show it

Each step is an attempt (`attempts`), each ends by making something visible (`showing`), and what
outlives its use is taken away later (`clearing`). Here is what is made, and in which order; what a
curator may order of it stands in `orders`.
"""

import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_noop

from classes.models import Picture, Video
from classes.models.video import pictures_folder

from .attempts import Attempt, Unusable, attempt, when_database_answers
from .check import Expected, check_ladder
from .clearing import passing_workshop, poster_id, remove_files, remove_picture
from .encode import encode_ladder
from .errors import FilmRefused, LadderBroken, NotLookedInto
from .extras import (
    cut_preview,
    grab_frame,
    make_candidates,
    make_fallback,
    make_storyboard,
    poster_times,
)
from .ffmpeg import FfmpegFailed, find_ffmpeg
from .layout import COPY, COPY_FOLDER, LADDER_FOLDER, PREVIEW, key
from .pictures import Renditions, make_renditions
from .plan import Encoding, Plan, plan_ladder
from .playlists import Rendition, write_master
from .probe import Probe, judge_film, judge_room, probe_film
from .remux import copy_film, is_copyable
from .showing import (
    Choices,
    Ladder,
    await_ladder,
    show_copy,
    show_extras,
    show_ladder,
)
from .stores import film_store

# A preview is for a glance at a phone, and is sent to everyone.
_PREVIEW_SHORT_SIDE = 720
_SOUND_KBITS = 128


# --- First look ---------------------------------------------------------------------------------


def first_look(video_id: str) -> None:
    """Judge an upload within seconds and put its ladder on the list. How it went is on the row."""
    attempt(video_id, Video.Step.FIRST_LOOK, _look)


def _look(held: Attempt) -> None:
    master = _master(held)
    try:
        probe = probe_film(master)
        judge_film(probe)
    except NotLookedInto:
        raise
    except FilmRefused as refusal:
        raise Unusable(refusal) from refusal
    if held.video.variant.video_id is None and is_copyable(probe):
        copy = _copy(held, master, probe)
        try:
            poster = _put_copy(held, copy, probe) if copy else None
        except FfmpegFailed as failure:
            if failure.is_the_machines:
                raise
            # Of a picture that stands still for long, a copy has nothing to show in between.
            copy = None
        if copy:
            when_database_answers(partial(show_copy, held, probe, poster))
            return
    when_database_answers(partial(await_ladder, held, probe))


def _copy(held: Attempt, master: Path, probe: Probe) -> Path | None:
    """The upload as an MP4; None where it cannot be copied, which the ladder may still be made of.

    FilmRefused where it is cut off: then there is nothing to wait for.
    """
    judge_room(2 * master.stat().st_size, held.workshop)  # "faststart" writes it twice
    target = held.workshop / COPY_FOLDER / COPY
    target.parent.mkdir()
    try:
        copy_film(
            master,
            target,
            probe=probe,
            binary=find_ffmpeg(settings.FFMPEG_BINARY),
            on_progress=_reporting(held, probe.duration, until=85),
        )
    except FilmRefused as refusal:
        if isinstance(refusal.__cause__, FfmpegFailed):
            return None
        raise
    return target


def _put_copy(held: Attempt, copy: Path, probe: Probe) -> Renditions | None:
    choices = _choices(held.video)
    poster = _make_extras(held.video, choices, copy, copy, probe.duration, held.workshop)
    when_database_answers(held.hold)
    store = film_store()
    store.put_folder(copy.parent, f"{held.video.pk}/{COPY_FOLDER}")
    store.put_file(held.workshop / PREVIEW, key(held.video.pk, PREVIEW))
    return poster


# --- Ladder -------------------------------------------------------------------------------------


def make_ladder(video_id: str) -> None:
    """Make every rendition of a film and let its variant play them. How it went is on the row.

    Costs about 3.4 seconds of CPU for a second of Full HD with the preset "faster".
    """
    attempt(video_id, Video.Step.LADDER, _climb)


def _climb(held: Attempt) -> None:
    video, binary = held.video, find_ffmpeg(settings.FFMPEG_BINARY)
    master = _master(held)
    probe = probe_film(master)
    judge_film(probe)
    plan = plan_ladder(
        probe,
        Encoding(
            preset=settings.FILM_PRESET,
            crf=settings.FILM_CRF,
            max_frame_rate=settings.FILM_MAX_FRAME_RATE,
        ),
    )
    judge_room(_most_bytes(plan), held.workshop)
    folder = held.workshop / LADDER_FOLDER
    folder.mkdir()

    encode_ladder(
        master, folder, plan, binary=binary, on_progress=_reporting(held, plan.duration, until=90)
    )
    renditions = _write_master(folder, plan)
    largest, smallest = plan.rungs[0].name, plan.rungs[-1].name
    source = folder / f"{_for_preview(rung.name for rung in plan.rungs)}.mp4"
    candidates = poster_times(plan.duration)
    make_fallback(folder, renditions[0].name, binary=binary)
    make_storyboard(folder, smallest, duration=plan.duration, binary=binary)
    make_candidates(folder, source, candidates, binary=binary)
    held.report(92)
    check_ladder(
        folder,
        Expected.of_plan(plan),
        binary=binary,
        on_progress=lambda done: held.report(92 + 6 * done),
    )

    choices = _choices(video)
    poster = _make_extras(
        video, choices, source, folder / f"{largest}.mp4", plan.duration, held.workshop
    )
    ladder = Ladder(plan, renditions, _sizes(folder), candidates)
    when_database_answers(held.hold)
    store = film_store()
    store.put_folder(folder, f"{video.pk}/{LADDER_FOLDER}")
    store.put_file(held.workshop / PREVIEW, key(video.pk, PREVIEW))
    when_database_answers(partial(show_ladder, held, probe, ladder, poster))
    if _choices(video) != choices:
        remake_extras(str(video.pk))


def _write_master(folder: Path, plan: Plan) -> tuple[Rendition, ...]:
    expected = Expected.of_plan(plan)
    try:
        return write_master(
            folder,
            sizes=expected.sizes,
            frame_rate=expected.frame_rate,
            has_audio=expected.has_audio,
        )
    except ValueError as fault:
        raise LadderBroken([str(fault)]) from fault


def _most_bytes(plan: Plan) -> int:
    """Of a ladder: every rendition at its most, and one a second time, as an MP4.

    Films of little movement take half of that.
    """
    kbits = [rung.max_kbits + _SOUND_KBITS for rung in plan.rungs]
    return int((sum(kbits) + max(kbits)) * 1000 / 8 * plan.duration)


# --- Preview and poster -------------------------------------------------------------------------


def remake_extras(video_id: str) -> None:
    """Cut the preview and take the poster anew, where a curator wants them now: two seconds.

    Nothing for a film that does not play yet: what is chosen until then holds from the beginning.
    """
    video = Video.objects.playing().filter(pk=video_id).first()
    if video is None or video.duration is None:
        return
    duration = video.duration.total_seconds()
    choices = Choices.of(video.pk)
    while True:  # until nobody has chosen otherwise in these two seconds
        with (
            passing_workshop() as workshop,
            film_store().local(_source_key(video, _for_preview)) as source,
            film_store().local(_source_key(video, _largest)) as best,
        ):
            poster = _make_extras(video, choices, source, best, duration, workshop)
            film_store().put_file(workshop / PREVIEW, key(video.pk, PREVIEW))
        if show_extras(video, choices, poster):
            return
        if poster and not Picture.objects.filter(pk=poster.name).exists():
            remove_picture(UUID(poster.name))
        try:
            choices = Choices.of(video.pk)
        except Video.DoesNotExist:  # deleted meanwhile, and this came after
            remove_files([video])
            return


def _make_extras(
    video: Video, choices: Choices, source: Path, best: Path, duration: float, workshop: Path
) -> Renditions | None:
    """Leave the preview in the workshop, and the poster in its place, unless it is there already.

    The preview is a copy of `source`, the poster a frame of `best`.
    """
    binary = find_ffmpeg(settings.FFMPEG_BINARY)
    cut_preview(
        source,
        workshop / PREVIEW,
        start=choices.preview_from(duration),
        seconds=choices.preview_seconds,
        duration=duration,
        binary=binary,
    )
    at = choices.poster_from(duration)
    name = poster_id(video, at)
    if choices.poster_id == name:
        return None
    frame = workshop / "poster.png"
    grab_frame(best, frame, at=at, binary=binary)
    remove_picture(name)  # what a worker that died here had made
    return make_renditions(frame, pictures_folder(), name=str(name))


def _choices(video: Video) -> Choices:
    return when_database_answers(partial(Choices.of, video.pk))


def _source_key(video: Video, choose: Callable[..., str]) -> str:
    if video.plays_as == Video.PlaysAs.COPY:
        return key(video.pk, COPY)
    return key(video.pk, f"{choose(rendition['name'] for rendition in video.renditions)}.mp4")


def _for_preview(names: Iterable[str]) -> str:
    """Of rungs such as "480p", the largest that is small enough."""
    sides = sorted(_short_side(name) for name in names)
    return f"{max((side for side in sides if side <= _PREVIEW_SHORT_SIDE), default=sides[0])}p"


def _largest(names: Iterable[str]) -> str:
    return max(names, key=_short_side)


def _short_side(name: str) -> int:
    return int(name.removesuffix("p"))


# --- Parts --------------------------------------------------------------------------------------


def _master(held: Attempt) -> Path:
    """The upload as a file of this machine. FilmRefused where it is gone."""
    master = held.video.master
    try:
        path = Path(master.path)
        if path.is_file():
            return path
    except NotImplementedError:  # it lies in a bucket
        path = held.workshop / "master"
        with suppress(FileNotFoundError), master.open("rb") as source, path.open("wb") as target:
            shutil.copyfileobj(source, target, 1024**2)
            return path
    raise FilmRefused(gettext_noop("The uploaded file is no longer there: upload it again."))


def _reporting(held: Attempt, duration: float, *, until: float) -> Callable[[float], None]:
    """Reports how many seconds of a film are done as percents of the step."""
    return lambda seconds: held.report(until * min(1, seconds / duration))


def _sizes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
