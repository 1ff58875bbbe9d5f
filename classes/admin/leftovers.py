"""Files that a form made are gone again when what they belong to was not saved."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse

# A file, a folder, or what removes something else.
Made = Path | Callable[[], None]


def made_by(request: HttpRequest) -> list[Made]:
    """What this request has made so far; add yours."""
    return request.__dict__.setdefault("_made_files", [])


class LeavesNothingBehind:
    """A database forgets a transaction that failed; the disk has to be told."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            # The transaction is inside: whatever comes out of it has been rolled back.
            return super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]
        except BaseException:
            for made in made_by(request):
                if callable(made):
                    made()
                elif made.is_dir():
                    shutil.rmtree(made, ignore_errors=True)
                else:
                    made.unlink(missing_ok=True)
            raise
