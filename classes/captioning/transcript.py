"""What is said in a film, to be read under it and to find a moment by."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import get_language

from classes.languages import direction, own_name, primary_subtag
from classes.models import Captions, Cue, Variant


@dataclass(frozen=True)
class Choice:
    """A link to the transcript in another language. `text` is in that language."""

    text: str
    language: str
    direction: str
    is_current: bool


@dataclass(frozen=True)
class Transcript:
    captions: Captions  # without `text`
    choices: list[Choice]  # every language there is; empty where there is but one
    is_asked_for: bool  # the reader chose its language: show it opened

    @property
    def cues(self) -> QuerySet[Cue]:
        return self.captions.cues.all()


def transcript_of(variant: Variant, asked: str = "") -> Transcript | None:
    """The transcript in the language that was `asked` for, else in the one that suits the reader.

    That is the reader's, else the one that is spoken, else any. None while there are no captions.
    One query, and one more when its cues are read.
    """
    by_language = {each.language: each for each in variant.captions.defer("text")}
    if not by_language:
        return None
    is_asked_for = asked in by_language
    language = asked if is_asked_for else _most_suitable(by_language, variant.language)
    return Transcript(
        captions=by_language[language],
        choices=[_choice(each, language) for each in by_language] if len(by_language) > 1 else [],
        is_asked_for=is_asked_for,
    )


def _most_suitable(languages: dict[str, Captions], spoken: str) -> str:
    reads = primary_subtag(get_language() or "")
    return min(
        languages,
        key=lambda language: (
            primary_subtag(language) != reads,
            language != spoken,
            primary_subtag(language) != primary_subtag(spoken),
            language,
        ),
    )


def _choice(language: str, current: str) -> Choice:
    return Choice(
        text=own_name(language),
        language=language,
        direction=direction(language),
        is_current=language == current,
    )
