"""A film in several sizes, as the site makes them, small enough to be made for a test."""

import os
import shutil
import subprocess
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

from django.utils import timezone

from accounts.models import Member
from classes.models import Captions, Cue, Movement, Variant, Video, WorkoutClass
from classes.video import layout
from classes.video.ffmpeg import find_ffmpeg
from tests.classes.video.whole_ladders import make_whole_ladder, small_plan
from tests.factories import make_chapter

SECONDS = 40

CAPTIONS = """WEBVTT

00:00:00.000 --> 00:00:09.000
Breathe <i>in</i>.

00:00:09.000 --> 00:00:39.000
And out.
"""


def put_ladder(variant: Variant, films: Path, *, busy: bool = False) -> Video:
    """Lay a film of forty seconds in 480p and 240p where the variant's row says, and tell the row.

    A `busy` one has a restless picture, so that it asks as much of the line as a film can.
    """
    made = ladder(busy)
    folder = films / layout.key(str(variant.video_id), layout.MASTER_PLAYLIST)
    shutil.copytree(made, folder.parent, copy_function=os.link)
    preview = films / layout.key(str(variant.video_id), layout.PREVIEW)
    if not preview.exists():
        preview.hardlink_to(folder.parent / layout.FALLBACK)
    Video.objects.filter(pk=variant.video_id).update(
        plays_as=Video.PlaysAs.LADDER, duration=timedelta(seconds=SECONDS), width=854, height=480
    )
    return Video.objects.get(pk=variant.video_id)


def put_captions(variant: Variant, language: str, text: str = CAPTIONS) -> None:
    captions = Captions.objects.create(variant=variant, language=language, text=text)
    Cue.objects.create(captions=captions, start=0, end=9, text="Breathe in.")
    Cue.objects.create(captions=captions, start=9, end=39, text="And out.")


def put_timeline(variant: Variant, *, checked_by: Member) -> None:
    """Five chapters, from the first second to the last, and a check of the class with them."""
    movements = {movement.slug: movement for movement in Movement.objects.all()}
    welcome, saw, roll_up, hundred, kneeling = (0, 4), (4, 8), (8, 12), (12, 34), (34, SECONDS)
    make_chapter(variant, *welcome, title="Welcome")
    make_chapter(variant, *saw, title="Saw", adds=[movements["twisting"]], note="Slowly.")
    make_chapter(variant, *roll_up, title="Roll Up", adds=[movements["rolling"]])
    make_chapter(variant, *hundred, title="Hundred", adds=[movements["wrist-loading"]])
    make_chapter(variant, *kneeling, title="Side Kicks", adds=[movements["kneeling"]])
    WorkoutClass.objects.filter(pk=variant.workout_class_id).update(
        checked_by=checked_by, checked_at=timezone.now()
    )


@lru_cache
def ladder(busy: bool) -> Path:
    """The folder of a ladder, made once for each process."""
    folder, binary = Path(mkdtemp()), find_ffmpeg()
    master = folder / "master.mp4"
    picture = f"testsrc2=size=854x480:rate={30 if busy else 10}"
    command = [
        *(binary, "-hide_banner", "-nostdin", "-loglevel", "error"),
        *("-f", "lavfi", "-i", f"{picture},noise=alls=30:allf=t" if busy else picture),
        *("-f", "lavfi", "-i", "sine=frequency=220:sample_rate=48000"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"),
        *("-t", str(SECONDS), str(master)),
    ]
    subprocess.run(command, check=True, timeout=120)
    plan = small_plan(master, rungs=None)
    return make_whole_ladder(folder / "ladder", master, plan, binary=binary)
