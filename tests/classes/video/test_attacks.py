"""Files that are no films, or mean harm: refused with their sentence, and at little cost.

Each goes to the first look and, past it, straight to the encoder: neither relies on the other.
"""

import ctypes
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from classes.video.encode import encode_ladder
from classes.video.errors import FilmRefused
from classes.video.plan import plan_ladder
from classes.video.probe import judge_film, probe_film

from .clips import H264, ffmpeg, make_clip
from .conformance import QUICK

NO_FILM = "This file cannot be read as a film"
NO_PICTURE = "no moving picture"
SLOW = pytest.mark.slow

# A look is given two gigabytes; ffmpeg opens none of these for longer than it takes to refuse it.
MOST_BYTES, MOST_BYTES_OF_FFMPEG, MOST_CPU_SECONDS = 2_200_000_000, 500_000_000, 10


@dataclass
class Trap:
    """What a file may name but nobody may touch, and whether somebody did."""

    text: Path
    film: Path
    port: int
    server: socket.socket
    watch: int

    def sprung(self) -> bool:
        return self._was_opened() or self._was_connected_to()

    def _was_opened(self) -> bool:
        try:
            return bool(os.read(self.watch, 4096))
        except BlockingIOError:
            return False

    def _was_connected_to(self) -> bool:
        try:
            self.server.accept()[0].close()
        except BlockingIOError:
            return False
        return True


@pytest.fixture
def trap(film, tmp_path) -> Iterator[Trap]:
    folder = tmp_path / "others"
    folder.mkdir()
    text, secret = folder / "secret.txt", folder / "secret.mp4"
    text.write_text("#EXTM3U is how a playlist begins")
    shutil.copy(film, secret)
    with socket.create_server(("127.0.0.1", 0)) as server, watching(text, secret) as watch:
        server.setblocking(False)
        yield Trap(text, secret, server.getsockname()[1], server, watch)


@contextmanager
def watching(*paths: Path) -> Iterator[int]:
    """A descriptor to read from: something, once any process has opened one of the files."""
    opened, libc = 0x20, ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    assert watch >= 0
    try:
        for path in paths:
            assert libc.inotify_add_watch(watch, bytes(path), opened) >= 0
        yield watch
    finally:
        os.close(watch)


def weigh(path: Path, folder: Path) -> dict:
    finished = subprocess.run(
        [sys.executable, "-m", "tests.classes.video.weigh", path, folder],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "SECRET_KEY": "for a test"},
        stdout=subprocess.PIPE,
        check=True,
        timeout=120,
    )
    return json.loads(finished.stdout)


def assert_refused(path: Path, tmp_path: Path, sentence: str) -> None:
    folder = tmp_path / "made"
    folder.mkdir()

    weighed = weigh(path, folder)

    assert sentence in (weighed["refused"] or "")
    assert weighed["refused_unseen"]
    assert list(folder.iterdir()) == []
    assert weighed["ffmpeg_bytes"] < MOST_BYTES_OF_FFMPEG
    assert weighed["bytes"] < MOST_BYTES
    assert weighed["cpu_seconds"] < MOST_CPU_SECONDS


# --- No films -----------------------------------------------------------------------------------


def cut_off(path: Path, film: Path) -> None:
    """Half a film, with its index in the other half."""
    path.write_bytes(film.read_bytes()[: film.stat().st_size * 6 // 10])


def empty(path: Path, film: Path) -> None:
    path.touch()


def picture(form: str) -> Callable[[Path, Path], None]:
    def write(path: Path, film: Path) -> None:
        Image.linear_gradient("L").save(path, form)

    return write


def text(content: str) -> Callable[[Path, Path], None]:
    def write(path: Path, film: Path) -> None:
        path.write_text(content)

    return write


def sound(path: Path, film: Path) -> None:
    ffmpeg("-i", film, "-vn", "-c", "copy", path)


def song_with_cover(path: Path, film: Path) -> None:
    cover = path.with_suffix(".png")
    ffmpeg("-i", film, "-frames:v", "1", cover)
    ffmpeg(
        *("-i", film, "-i", cover, "-map", "0:a", "-map", "1:v", "-c", "copy"),
        *("-disposition:v", "attached_pic", "-f", "ipod", path),
    )


def film_behind_a_picture(path: Path, film: Path) -> None:
    head = BytesIO()
    Image.new("P", (1, 1)).save(head, "GIF")
    path.write_bytes(head.getvalue() + film.read_bytes())


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        pytest.param(cut_off, NO_FILM, id="cut off"),
        pytest.param(empty, NO_FILM, id="empty", marks=SLOW),
        pytest.param(picture("PNG"), NO_FILM, id="PNG"),
        pytest.param(picture("JPEG"), NO_FILM, id="JPEG", marks=SLOW),
        pytest.param(picture("GIF"), NO_FILM, id="GIF", marks=SLOW),
        pytest.param(text("<!doctype html><p>No film"), NO_FILM, id="HTML", marks=SLOW),
        pytest.param(text("No film. " * 1000), NO_FILM, id="text", marks=SLOW),
        pytest.param(sound, NO_PICTURE, id="sound"),
        pytest.param(song_with_cover, NO_PICTURE, id="song with a cover", marks=SLOW),
        pytest.param(film_behind_a_picture, NO_FILM, id="GIF before a film", marks=SLOW),
    ],
)
def test_what_is_no_film_is_refused(film, tmp_path, make, sentence):
    path = tmp_path / "film.mp4"
    make(path, film)

    assert_refused(path, tmp_path, sentence)


def test_a_film_that_was_cut_off_but_claims_to_be_whole_is_refused(long_film, tmp_path, binary):
    whole, path, folder = tmp_path / "whole.mp4", tmp_path / "film.mp4", tmp_path / "made"
    ffmpeg("-i", long_film, "-c", "copy", "-movflags", "+faststart", whole)
    cut_off(path, whole)
    folder.mkdir()
    probe = probe_film(path)
    judge_film(probe)

    with pytest.raises(FilmRefused, match=r"claims 12\.0 seconds, but \d\.\d seconds of it"):
        encode_ladder(path, folder, plan_ladder(probe, QUICK), binary=binary)

    assert list(folder.iterdir()) == []


# --- Too much -----------------------------------------------------------------------------------


def hundred_hours(path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "color=black:s=64x64:r=1/36000:d=360000", *H264, "-g", "1", path)
    assert path.stat().st_size < 3000


def few_frames_far_apart(path: Path) -> None:
    """Eight that a rate of 25 would make six million of."""
    source = ("-f", "lavfi", "-i", "testsrc2=s=64x64:r=1:d=8")
    ffmpeg(*source, "-vf", "setpts=N*36000/TB", "-fps_mode", "vfr", *H264, path)


def many_pixels(width: int, height: int) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        make_clip(
            path,
            picture=f"color=black:s={width}x{height}:r=1",
            video=(*H264, "-x264-params", "threads=1:rc-lookahead=0:ref=1"),
            sound=False,
        )

    return write


def few_pictures(path: Path) -> None:
    make_clip(path, picture="testsrc2=s=64x64:r=2", seconds=8, sound=False)


def ribbon(path: Path) -> None:
    make_clip(path, picture="testsrc2=s=1000x100:r=25", sound=False)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        pytest.param(hundred_hours, "claims 100 hours; films may be at most 4", id="100 hours"),
        pytest.param(
            few_frames_far_apart,
            "hours; films may be at most 4",
            id="few frames far apart",
            marks=SLOW,
        ),
        pytest.param(
            many_pixels(16000, 16000),
            "16000 × 16000, which is 256 megapixels; films may have at most 36",
            id="256 megapixels",
            marks=SLOW,
        ),
    ],
)
def test_what_would_cost_too_much_is_refused(tmp_path, make, sentence):
    path = tmp_path / "film.mp4"
    make(path)

    assert_refused(path, tmp_path, sentence)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (many_pixels(6400, 6400), "6400 × 6400, which is 41 megapixels"),
        (few_pictures, "shows 2 pictures a second; films need at least 5"),
        (ribbon, "1000 × 100; its longer side may be at most 4 times its shorter"),
    ],
)
def test_what_is_no_film_for_this_site_is_refused(tmp_path, make, sentence):
    path = tmp_path / "film.mp4"
    make(path)

    with pytest.raises(FilmRefused, match=sentence):
        judge_film(probe_film(path))


def test_a_file_that_goes_on_for_hours_beyond_its_claim_is_left_in_time(tmp_path):
    """Its header says four seconds; after three it jumps to the next day."""
    path, folder = tmp_path / "film.mkv", tmp_path / "made"
    jump = "testsrc2=s=64x64:r=25:d=4,setpts='if(gte(N,75),N+25*86400,N)/25/TB'"
    ffmpeg("-f", "lavfi", "-i", jump, "-fps_mode", "vfr", *H264, path)
    whole = path.read_bytes()
    place = whole.index(b"\x44\x89\x88")  # EBML: Duration, eight bytes
    lie = struct.pack(">d", 4000)
    path.write_bytes(whole[: place + 3] + lie + whole[place + 11 :])
    folder.mkdir()
    assert probe_film(path).duration == 4

    weighed = weigh(path, folder)

    assert weighed["refused"] is None
    assert "goes on for" in weighed["refused_unseen"]
    assert weighed["cpu_seconds"] < MOST_CPU_SECONDS
    assert list(folder.iterdir()) == []


# --- Files that name others ---------------------------------------------------------------------


def playlist(address: str) -> str:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{address}\n#EXT-X-ENDLIST\n"


def manifest(address: str) -> str:
    return f"""<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S"
  profiles="urn:mpeg:dash:profile:isoff-on-demand:2011">
<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1">
<BaseURL>{address}</BaseURL></Representation></AdaptationSet></Period></MPD>"""


def session(port: int) -> str:
    return (
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=film\nc=IN IP4 127.0.0.1\nt=0 0\n"
        f"m=video {port} RTP/AVP 96\na=rtpmap:96 H264/90000\n"
    )


def subtitled_avi(content: str) -> bytes:
    """An AVI whose subtitles are another file, which libavformat once opened as whatever it was."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)

    header = struct.pack("<14I", 40_000, 0, 0, 0x10, 2, 0, 1, 0, 64, 64, 0, 0, 0, 0)
    stream = b"txts" + struct.pack("<IIHHIIIIIIII4H", *[0] * 5, 1, 25, 0, 50, 0, 0, 0, 0, 0, 64, 64)
    streams = chunk(b"LIST", b"strl" + chunk(b"strh", stream) + chunk(b"strf", b"\0" * 40))
    subtitles = b"GAB2\0\x02\0" + b"\0" * 10 + content.encode()
    return chunk(
        b"RIFF",
        b"AVI "
        + chunk(b"LIST", b"hdrl" + chunk(b"avih", header) + streams)
        + chunk(b"LIST", b"movi" + chunk(b"00tx", subtitles)),
    )


NAMING_OTHERS: dict[str, Callable[[Trap], str | bytes]] = {
    "playlist of a film": lambda trap: playlist(str(trap.film)),
    "playlist of file:": lambda trap: playlist(f"file://{trap.film}"),
    "playlist of a text": lambda trap: playlist(f"file://{trap.text}"),
    "playlist of http:": lambda trap: playlist(f"http://127.0.0.1:{trap.port}/film.mp4"),
    "playlist of concat:": lambda trap: playlist(f"concat:{trap.film}|{trap.text}"),
    "playlist with a key": lambda trap: playlist(str(trap.film)).replace(
        "#EXTINF", f'#EXT-X-KEY:METHOD=AES-128,URI="http://127.0.0.1:{trap.port}/key"\n#EXTINF'
    ),
    "script of ffmpeg": lambda trap: f"ffconcat version 1.0\nfile '{trap.film}'\n",
    "DASH of a film": lambda trap: manifest(f"file://{trap.film}"),
    "DASH of http:": lambda trap: manifest(f"http://127.0.0.1:{trap.port}/film.mp4"),
    "SDP": lambda trap: session(trap.port),
    "AVI of a playlist": lambda trap: subtitled_avi(playlist(str(trap.film))),
}
QUICKLY = {"playlist of a film", "playlist of http:", "AVI of a playlist"}


@pytest.mark.parametrize("name", ["film.mp4", pytest.param("film.m3u8", marks=SLOW)])
@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=() if kind in QUICKLY else SLOW) for kind in NAMING_OTHERS]
)
def test_no_file_makes_us_open_another(trap, tmp_path, kind, name):
    path, content = tmp_path / name, NAMING_OTHERS[kind](trap)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    assert_refused(path, tmp_path, NO_PICTURE if kind.startswith("AVI") else NO_FILM)

    assert not trap.sprung()


def test_the_trap_is_one(trap, tmp_path, monkeypatch):
    """Left to itself, ffmpeg steps into it."""
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    by_name, by_net = tmp_path / "name.m3u8", tmp_path / "net.m3u8"
    by_name.write_text(playlist(str(trap.film)))
    by_net.write_text(playlist(f"http://127.0.0.1:{trap.port}/film.mp4"))
    assert not trap.sprung()

    ffmpeg("-i", by_name, "-c", "copy", tmp_path / "leaked.mp4")
    assert trap.sprung()
    assert not trap.sprung()

    reaching_out = ("-protocol_whitelist", "file,http,tcp", "-rw_timeout", "500000")
    with pytest.raises(subprocess.CalledProcessError):  # for nobody answers there
        ffmpeg(*reaching_out, "-i", by_net, "-c", "copy", tmp_path / "leaked.mp4")
    assert trap.sprung()
