"""Takes in a file as the site does, in a process of its own, and says what that took.

python -m tests.classes.video.weigh FILE FOLDER

Prints JSON: `refused` by the first look and `refused_unseen` by the encoder, which is told that the
file is a good film; the most memory that ffmpeg and any process took; the CPU seconds of all.
"""

import json
import resource
import sys
from pathlib import Path

from django.conf import settings

from classes.video.encode import encode_ladder
from classes.video.errors import FilmRefused
from classes.video.ffmpeg import find_ffmpeg
from classes.video.plan import Encoding, plan_ladder
from classes.video.probe import Probe, judge_film, probe_film

BELIEVED = Probe(
    container="mov,mp4,m4a,3gp,3g2,mj2",
    duration=2,
    stream_count=1,
    video_codec="h264",
    pixel_format="yuv420p",
    width=64,
    height=64,
    frame_rate=25,
    decodable=True,
)


def main(path: Path, folder: Path) -> dict:
    weighed: dict = {"refused": None, "refused_unseen": None}
    plan = plan_ladder(BELIEVED, Encoding(preset="ultrafast"))
    try:
        encode_ladder(path, folder, plan, binary=find_ffmpeg(settings.FFMPEG_BINARY))
    except FilmRefused as refusal:
        weighed["refused_unseen"] = str(refusal)
    weighed["ffmpeg_bytes"] = _most_memory()
    try:
        judge_film(probe_film(path))
    except FilmRefused as refusal:
        weighed["refused"] = str(refusal)
    weighed["bytes"] = _most_memory()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {**weighed, "cpu_seconds": usage.ru_utime + usage.ru_stime}


def _most_memory() -> int:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
