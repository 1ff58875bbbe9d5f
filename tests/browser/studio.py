"""A studio small enough for a test and whole enough for a visit."""

import os
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone
from PIL import Image

from accounts.models import Member
from classes.models import (
    Apparatus,
    Exercise,
    FocusTag,
    Instructor,
    Movement,
    Picture,
    Prop,
    Tempo,
    Variant,
    Video,
    WorkoutClass,
)
from classes.taxonomy import load_taxonomy
from classes.video import layout
from classes.video.ffmpeg import find_ffmpeg
from classes.video.pictures import make_renditions
from tests.factories import (
    make_chapter,
    make_class,
    make_comment,
    make_instructor,
    make_member,
    make_membership,
    make_variant,
)

PASSWORD = "a quiet morning"  # what make_member gives
LENGTH = timedelta(minutes=24)  # what the rows say; the file is short


@dataclass
class Studio:
    """What `open_studio` made."""

    back_class: WorkoutClass
    teacher: Member
    curator: Member
    member: Member


def open_studio(media: Path, films: Path) -> Studio:
    """A taxonomy, one class for a sore back with its films on the disk, and three people.

    The first thing in an empty database: on SQLite it takes the place of all that is there.
    """
    assert not Member.objects.exists() and not Exercise.objects.exists(), "open the studio first"
    if connection.vendor != "sqlite":
        return _furnish(media, films)
    pattern = _pattern()
    shutil.copytree(pattern.media, media, copy_function=os.link, dirs_exist_ok=True)
    shutil.copytree(pattern.films, films, copy_function=os.link, dirs_exist_ok=True)
    pattern.database.backup(_database())
    return Studio(
        WorkoutClass.objects.get(pk=pattern.studio.back_class.pk),
        *(
            Member.objects.get(pk=who.pk)
            for who in (pattern.studio.teacher, pattern.studio.curator, pattern.studio.member)
        ),
    )


@dataclass(frozen=True)
class _Pattern:
    """A studio to copy: to furnish one costs more than what most tests do in it."""

    database: sqlite3.Connection
    media: Path
    films: Path
    studio: Studio


@lru_cache
def _pattern() -> _Pattern:
    """Made once for each process, in the database of the test that asks first."""
    media, films = Path(mkdtemp()), Path(mkdtemp())
    studio = _furnish(media, films)
    copy = sqlite3.connect(":memory:")
    _database().backup(copy)
    return _Pattern(copy, media, films, studio)


def _database() -> sqlite3.Connection:
    connection.ensure_connection()
    return connection.connection


def _furnish(media: Path, films: Path) -> Studio:
    load_taxonomy()
    teacher = verified(make_member(display_name="Ana Lindqvist", email="ana@example.com"))
    curator = verified(
        make_member(display_name="Ruth Okafor", email="ruth@example.com", is_staff=True)
    )
    curator.groups.add(Group.objects.get(name="Curators"))
    member = verified(make_member(display_name="Marta", email="marta@example.com"))
    make_membership(member)

    back_class = make_class(
        title="Slow & Gentle Mat for Back Pain",
        slug="slow-gentle-mat-for-back-pain",
        description="For a back that complains. We leave out *twisting* and rolling.",
        instructors=[make_instructor(name="Ana Lindqvist", slug="ana-lindqvist", member=teacher)],
        apparatus=[Apparatus.objects.get(slug="mat")],
        props=[Prop.objects.get(slug="pillow")],
        focus_tags=FocusTag.objects.filter(slug__in=["spine-safe", "breathing"]),
        movements=[Movement.objects.get(slug="lying-on-the-back")],
        poster=make_picture(media),
        variant=False,
    )
    for tempo, language in ((Tempo.WORKOUT, "en"), (Tempo.OBSERVE, "en"), (Tempo.WORKOUT, "ar")):
        put_film(make_variant(back_class, tempo=tempo, language=language, duration=LENGTH), films)
    WorkoutClass.objects.filter(pk=back_class.pk).update(
        checked_by=curator, checked_at=timezone.now()
    )
    question = make_comment(back_class, author=member, body="My back thanks you 🙏\n\nMore please.")
    make_comment(back_class, author=teacher, parent=question, body="See /classes/?focus=spine-safe")
    WorkoutClass.objects.filter(pk=back_class.pk).update(comment_count=2)

    chair = make_class(
        title="Wunda Chair: Step, Press, Balance",
        slug="wunda-chair",
        level="advanced",
        instructors=[Instructor.objects.get()],
        apparatus=[Apparatus.objects.get(slug="wunda-chair")],
        movements=[Movement.objects.get(slug="twisting")],
        is_free=True,
    )
    film = chair.variants.get()
    make_chapter(film, 0, 90, title="Welcome", note="Have a wall near.")
    make_chapter(film, 90, 300, exercise=Exercise.objects.get(slug="hundred"))
    return Studio(back_class, teacher, curator, member)


def verified(member: Member) -> Member:
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    return member


def put_film(variant: Variant, films: Path) -> None:
    """Lay a short film, as it was uploaded, and its preview where the variant's row says."""
    Video.objects.filter(pk=variant.video_id).update(plays_as=Video.PlaysAs.COPY)
    for name in (layout.COPY, layout.PREVIEW):
        path = films / layout.key(str(variant.video_id), name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.hardlink_to(short_film())


@lru_cache
def short_film() -> Path:
    """Six seconds of H.264 and AAC, made once for each process."""
    path = Path(mkdtemp()) / "film.mp4"
    command = [
        find_ffmpeg(),
        *("-hide_banner", "-nostdin", "-loglevel", "error"),
        *("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"),
        *("-f", "lavfi", "-i", "sine=frequency=220:sample_rate=44100"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"),
        *("-t", "6", "-movflags", "+faststart", str(path)),
    ]
    subprocess.run(command, check=True, timeout=60)
    return path


def make_picture(media: Path) -> Picture:
    """A picture whose files are there, so that a browser finds nothing missing."""
    source = Path(mkdtemp()) / "poster.png"
    Image.linear_gradient("L").resize((640, 360)).convert("RGB").save(source)
    made = make_renditions(source, media / "pictures")
    return Picture.objects.create(
        pk=made.name, width=made.width, height=made.height, widths=list(made.widths)
    )
