"""Classes with all that their pages show, kept by this process for as long as nothing changes.

Reading one takes nine queries, and most who ask are the next reader of the same page. The objects
are shared by threads: nobody changes them. A class's own number of comments moves with every
comment and is given to each reader apart.
"""

from copy import copy

from classes.kept import Latest
from classes.models import WorkoutClass
from classes.page_marks import PageMarks

# By id and the catalogue's substance; each is some tens of kilobytes.
_kept: Latest[tuple[int, str], WorkoutClass] = Latest(200)


def get(marks: PageMarks) -> WorkoutClass | None:
    """The class as `for_page` reads it, if it is kept. It is one that everybody may open."""
    kept = _kept.get((marks.class_id, marks.substance))
    if kept is None:
        return None
    own = copy(kept)
    own.comment_count = marks.comment_count
    return own


def keep(marks: PageMarks, workout_class: WorkoutClass) -> None:
    """Keep it, if everybody may open it from now on until something about it changes."""
    if workout_class.is_public:
        _kept.keep((marks.class_id, marks.substance), workout_class)
