"""Words to classes, and to the moments in their films.

    found = search.find(choices.q)
    moments = search.moments(choices.q, [hit.class_id for hit in hits])
    instead = search.suggestion(choices.q)  # where nothing was found

What is looked up stands in documents of its own, one for each class (`documents`), which follow
the catalogue at some distance (`upkeep`). Whatever a visitor types is taken as plain words
(`words`): there is no syntax, and so nothing that could be wrong.
"""

from .finding import find
from .moments import Moment, moments
from .spelling import suggestion
from .upkeep import catch_up

__all__ = ["Moment", "catch_up", "find", "moments", "suggestion"]
