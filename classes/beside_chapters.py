"""What stands beside the chapters of a timeline and comes from a floor above, which registers it.

The timeline is kept for everybody and this moves by itself, so each chapter has a hole for it.
"""

from collections.abc import Callable, Mapping, Sequence

from django.utils.safestring import SafeString

from classes.holes import hole
from classes.models import Variant
from classes.page_marks import PageMarks

# Of a film and the seconds at which its chapters start: HTML by such a second.
Source = Callable[[Variant, Sequence[int], PageMarks], Mapping[int, SafeString]]

_PREFIX = "beside-"
_sources: list[Source] = []


def register(source: Source) -> None:
    """Ask `source` whenever a page with a timeline is shown: it costs no query where it can."""
    if source not in _sources:
        _sources.append(source)


def hole_beside(start: int) -> SafeString:
    """What to write beside the chapter that starts at this second."""
    return hole(f"{_PREFIX}{start}")


def html_beside(
    pieces: Sequence[str], variant: Variant | None, marks: PageMarks
) -> dict[str, SafeString]:
    """What goes into such holes among `holes.pieces`, by name."""
    starts = [int(name.removeprefix(_PREFIX)) for name in pieces[1::2] if name.startswith(_PREFIX)]
    if variant is None or not starts:
        return {}
    return {
        f"{_PREFIX}{start}": html
        for source in _sources
        for start, html in source(variant, starts, marks).items()
    }
