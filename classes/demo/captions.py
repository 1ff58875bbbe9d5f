"""Captions for some of the demo's films, in the languages that the site itself speaks."""

from pathlib import Path

from classes.captioning.webvtt import read_captions
from classes.models import Captions, Tempo, Variant

# Named `<class>.<language>.vtt`, for the films at Workout Tempo, whichever language these speak.
FOLDER = Path(__file__).with_name("captions")


def load_captions() -> int:
    """Give the demo's films the captions that they never had, and say how many were stored.

    A film that has any is left as it is. Run once the classes are loaded, films or none.
    """
    stored = 0
    for variant in _without_captions():
        for path in sorted(FOLDER.glob(f"{variant.workout_class.slug}.*.vtt")):
            language = path.name.split(".")[1]
            cues = read_captions(path.read_bytes())
            Captions.objects.store(variant, language, cues, original_name=path.name)
            stored += 1
    return stored


def _without_captions() -> list[Variant]:
    slugs = {path.name.split(".")[0] for path in FOLDER.glob("*.vtt")}
    return list(
        Variant.objects.filter(
            workout_class__slug__in=slugs, tempo=Tempo.WORKOUT, captions=None
        ).select_related("workout_class")
    )
