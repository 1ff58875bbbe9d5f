"""What is taught, split by idea: the catalogue, the body, the films, addresses
that last, and what is one member's own."""

from .addresses import FormerSlug
from .body import Avoidance, AvoidSet, Chapter, Exercise, Movement
from .captions import Captions, Cue
from .catalogue import (
    Apparatus,
    FocusTag,
    Instructor,
    Level,
    Prop,
    State,
    Tempo,
    Variant,
    WorkoutClass,
)
from .changes import CatalogueChange, CatalogueVersion
from .library import Forgetting, HistoryPause, SavedClass, Viewing
from .search import SearchDocument, SearchMoment, SearchState, SearchWord
from .video import Picture, Video

__all__ = [
    "Apparatus",
    "AvoidSet",
    "Avoidance",
    "Captions",
    "CatalogueChange",
    "CatalogueVersion",
    "Chapter",
    "Cue",
    "Exercise",
    "FocusTag",
    "Forgetting",
    "FormerSlug",
    "HistoryPause",
    "Instructor",
    "Level",
    "Movement",
    "Picture",
    "Prop",
    "SavedClass",
    "SearchDocument",
    "SearchMoment",
    "SearchState",
    "SearchWord",
    "State",
    "Tempo",
    "Variant",
    "Video",
    "Viewing",
    "WorkoutClass",
]
