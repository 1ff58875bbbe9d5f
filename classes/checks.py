"""What `manage.py check` tells of the machine that films are made and shown on."""

from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core import checks

from classes.video.ffmpeg import FfmpegFailed, FfmpegMissing, abilities, find_ffmpeg
from classes.watch.hls import HLS_SCRIPT

_EVERY_FILM_NEEDS = {"libx264", "aac", "hls"}
_HDR_NEEDS = {"zscale", "tonemap"}


@checks.register(checks.Tags.staticfiles)
def hls_is_here(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    if finders.find(HLS_SCRIPT):
        return []
    return [
        checks.Info(  # and no warning: films play without it, if not as well
            "hls.js is not here: some browsers will play films in one size only.",
            hint="Install Node's npm, then run `make packages` and `manage.py collectstatic`.",
            id="classes.I101",
        )
    ]


# With --deploy only: it starts a program three times, and a server that makes no films may do
# without.
@checks.register(checks.Tags.compatibility, deploy=True)
def ffmpeg_makes_films(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    hint = "Leave FFMPEG_BINARY empty for the one that comes with the package imageio-ffmpeg."
    try:
        can = abilities(find_ffmpeg(settings.FFMPEG_BINARY))
    except (FfmpegMissing, FfmpegFailed) as fault:
        return [checks.Error(str(fault), hint=hint, id="classes.E101")]
    messages: list[checks.CheckMessage] = []
    if missing := _EVERY_FILM_NEEDS - can:
        messages.append(
            checks.Error(
                f"This ffmpeg makes no films: it lacks {', '.join(sorted(missing))}.",
                hint=hint,
                id="classes.E102",
            )
        )
    if missing := _HDR_NEEDS - can:
        messages.append(
            checks.Warning(
                f"This ffmpeg cannot read films in HDR: it lacks {', '.join(sorted(missing))}.",
                hint=hint,
                id="classes.W101",
            )
        )
    return messages
