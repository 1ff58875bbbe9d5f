"""What pages show that comes from a floor above, which registers it: what is said under a class,
and the corner of the header that is a member's own."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils.safestring import SafeString

from classes.catalogue import Catalogue
from classes.models import Variant, WorkoutClass
from classes.page_marks import Lifetime, PageMarks


@dataclass(frozen=True)
class ClassPage:
    """The page of a class as somebody asks for it. `marks` and `catalogue` save a query each."""

    request: HttpRequest
    workout_class: WorkoutClass
    variant: Variant | None = None  # the film that is on it
    marks: PageMarks | None = None
    catalogue: Catalogue | None = None
    csrf_token: str = ""  # for the forms of a member
    lifetime: Lifetime = field(default_factory=Lifetime)  # is told for how long this is true


@dataclass(frozen=True)
class Parts:
    """`said` is what people read under a class, `said_data` the same for machines: members of a
    schema.org object, each with a comma after it. The corner takes a request of a member and their
    CSRF token."""

    said: Callable[[ClassPage], SafeString]
    said_data: Callable[[ClassPage], SafeString]
    corner: Callable[[HttpRequest, str], SafeString]


_registered: list[Parts] = []


def register(parts: Parts) -> None:
    """In the place of what was registered before."""
    _registered[:] = [parts]


def parts() -> Parts:
    return _registered[0]
