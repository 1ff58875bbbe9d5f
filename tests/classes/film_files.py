"""Films whose files lie where the site looks for them, and the addresses of these."""

from django.conf import settings
from django.urls import reverse

from classes.models import Video
from classes.video import layout
from classes.watch.passes import EVERYONE, new_pass

FILM = bytes(range(256)) * 20
PREVIEW = FILM[:1000]
PLAYLIST = b"#EXTM3U\n" + b"#EXTINF:4,\n480p.mp4\n" * 500


def lay_out(video: Video) -> Video:
    """Put bytes where a film with its ladder has them."""
    for name, content in {
        layout.MASTER_PLAYLIST: PLAYLIST,
        "480p.m3u8": PLAYLIST,
        "480p.mp4": FILM,
        layout.FALLBACK: FILM,
        layout.STORYBOARD: b"WEBVTT\n",
        "storyboard-1.jpg": b"picture",
        layout.COPY: FILM,
        layout.PREVIEW: PREVIEW,
    }.items():
        path = settings.FILMS_ROOT / layout.key(video.pk, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return video


def film_url(video: Video, name: str = "480p.mp4", *, member_id: int = EVERYONE) -> str:
    return reverse("classes:film", args=[new_pass(member_id).token(video.pk), video.pk, name])


def body(response) -> bytes:
    return b"".join(response)
