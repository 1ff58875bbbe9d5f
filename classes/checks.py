"""What `manage.py check` tells of the machine that films are made and shown on."""

from typing import Any

from django.core import checks

from classes.hls import hls_script


@checks.register(checks.Tags.staticfiles)
def hls_is_here(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    if hls_script():
        return []
    return [
        checks.Warning(
            "hls.js is not here: browsers other than Safari play films in one size only.",
            hint="Install Node's npm, then run `make packages` and `manage.py collectstatic`.",
            id="classes.W101",
        )
    ]
