"""What is taught, split by idea: the catalogue, the body, the films, and addresses that last."""

from .addresses import FormerSlug
from .body import Movement
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
from .video import Picture, Video

__all__ = [
    "Apparatus",
    "Captions",
    "Cue",
    "FocusTag",
    "FormerSlug",
    "Instructor",
    "Level",
    "Movement",
    "Picture",
    "Prop",
    "State",
    "Tempo",
    "Variant",
    "Video",
    "WorkoutClass",
]
