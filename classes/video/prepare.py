"""Both steps of a film, one after the other."""

from classes.models import Video

from .processing import first_look, make_ladder, remove_files, sweep_lapsed

__all__ = ["prepare", "remove_files", "sweep_lapsed"]


def prepare(video_id: str, *, keep_check: bool = False) -> None:
    """Take a film through all its steps, in the order of the list."""
    Video.objects.filter(pk=video_id).update(keeps_check=keep_check)
    first_look(video_id)
    make_ladder(video_id)
