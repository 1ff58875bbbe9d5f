"""Where the files of a film lie, and what they are called.

    <video>/preview.mp4      the public excerpt; cut again when a curator moves it
    <video>/copy/copy.mp4    the upload as an MP4, until the ladder is made
    <video>/ladder/…         master.m3u8, 480p.m3u8, 480p.mp4, …, film.mp4, storyboard.vtt,
                             storyboard-1.jpg, …, candidate-1.jpg, …

`copy/` and `ladder/` appear whole, by one rename. The same keys name objects in a bucket.
"""

import re
from uuid import UUID

MASTER_PLAYLIST = "master.m3u8"
FALLBACK = "film.mp4"
COPY = "copy.mp4"
PREVIEW = "preview.mp4"
STORYBOARD = "storyboard.vtt"

COPY_FOLDER = "copy"
LADDER_FOLDER = "ladder"

# All that a member's browser asks for; nothing else of a film has an address.
_SERVED = re.compile(
    r"master\.m3u8|film\.mp4|copy\.mp4|[0-9]{2,4}p\.(m3u8|mp4)"
    r"|storyboard\.vtt|storyboard-[0-9]{1,3}\.jpg"
)
_CONTENT_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mp4": "video/mp4",
    ".vtt": "text/vtt; charset=utf-8",
    ".jpg": "image/jpeg",
}


def is_served(name: str) -> bool:
    """Whether members may ask for a file of this name."""
    return _SERVED.fullmatch(name) is not None


def key(video_id: UUID | str, name: str) -> str:
    """Where a file lies below the films' folder, and what it is called in a bucket."""
    if name == PREVIEW:
        return f"{video_id}/{name}"
    folder = COPY_FOLDER if name == COPY else LADDER_FOLDER
    return f"{video_id}/{folder}/{name}"


def content_type(name: str) -> str:
    return _CONTENT_TYPES[name[name.rindex(".") :]]
