"""What `manage.py check` tells of the machine that films are made and shown on."""

from typing import Any

from django.contrib.staticfiles import finders
from django.core import checks

from classes.hls import HLS_SCRIPT


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
