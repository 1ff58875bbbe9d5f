"""What is said in a film, in as few words as a test needs."""

from classes.captioning.webvtt import PlainCue
from classes.models import Captions, Variant


def say(variant: Variant, *cues: tuple[int, str], language: str = "en") -> None:
    """Captions of which each cue begins at its second."""
    plain = [PlainCue(start, start + 2, text) for start, text in cues]
    Captions.objects.store(variant, language, plain)
