"""What is taught, split by idea: the catalogue, the body, the films, and addresses that last."""

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
    "FormerSlug",
    "Instructor",
    "Level",
    "Movement",
    "Picture",
    "Prop",
    "SearchDocument",
    "SearchMoment",
    "SearchState",
    "SearchWord",
    "State",
    "Tempo",
    "Variant",
    "Video",
    "WorkoutClass",
]
