"""Classes with all that their pages show, kept by this process for as long as nothing changes.

Reading one takes nine queries, and most who ask are the next reader of the same page. The objects
are shared by threads: nobody changes them. A class's own number of comments moves with every
comment and is given to each reader apart.
"""

import threading
from collections import OrderedDict
from copy import copy

from classes.models import WorkoutClass
from classes.page_marks import PageMarks

MOST = 200  # the latest that were asked for; each is some tens of kilobytes

_kept: OrderedDict[tuple[int, str], WorkoutClass] = OrderedDict()
_lock = threading.Lock()


def get(marks: PageMarks) -> WorkoutClass | None:
    """The class as `for_page` reads it, if it is kept. It is one that everybody may open."""
    key = (marks.class_id, marks.substance)
    with _lock:
        kept = _kept.get(key)
        if kept is not None:
            _kept.move_to_end(key)
    if kept is None:
        return None
    own = copy(kept)
    own.comment_count = marks.comment_count
    return own


def keep(marks: PageMarks, workout_class: WorkoutClass) -> None:
    """Keep it, if everybody may open it from now on until something about it changes."""
    if workout_class.is_public:
        with _lock:
            _kept[marks.class_id, marks.substance] = workout_class
            while len(_kept) > MOST:
                _kept.popitem(last=False)
