"""Why a file was refused, in words that can still be translated."""

from collections.abc import Sequence

from django.utils.translation import gettext


class FilmRefused(Exception):
    """The file itself is at fault: trying again would end the same way.

    `template` is an English sentence marked with `gettext_noop`, `figures` what its `%(name)s`
    stand for. `str` is the English sentence, `in_words` the one in the language that is active.
    """

    def __init__(self, template: str, **figures: object) -> None:
        super().__init__(template, figures)
        self.template = template
        self.figures = figures

    def __str__(self) -> str:
        return self._filled(self.template)

    def in_words(self) -> str:
        return self._filled(gettext(self.template))

    def _filled(self, sentence: str) -> str:
        return sentence % self.figures if self.figures else sentence


class NoRoom(FilmRefused):
    """The disk is too full for this film; the file itself may be good and is kept."""


class NotLookedInto(FilmRefused):
    """The machine was too slow for it or had no memory left; the file may be good and is kept."""


class PictureRefused(FilmRefused):
    """As `FilmRefused`, of a picture that was to be a poster or a portrait."""


class LadderBroken(Exception):
    """What was made of a film is not what players need. It is the machine's fault, or ours.

    `faults` are English sentences for the log, each with the file and the figure.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = list(faults)
