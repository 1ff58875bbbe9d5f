"""The dimensions of the filter, and the bands into which lengths fall."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from classes.show_me import OTHER_LANGUAGES

__all__ = ["BANDS", "OF_A_FILM", "OTHER_LANGUAGES", "Band", "Facet"]


class Facet(StrEnum):
    """In the order in which the filter shows them; the value is the name of the parameter."""

    SHOW = "show"
    FOCUS = "focus"
    LENGTH = "length"
    LEVEL = "level"
    APPARATUS = "apparatus"
    PROP = "prop"
    INSTRUCTOR = "instructor"
    LANGUAGE = "language"

    @property
    def label(self) -> str:
        return str(_LABELS[self])

    @property
    def narrows(self) -> bool:
        """Whether a class must have all that is chosen, not any of it."""
        return self is Facet.FOCUS


_LABELS = {
    Facet.SHOW: gettext_lazy("Show me…"),
    Facet.FOCUS: gettext_lazy("Focus"),
    Facet.LENGTH: gettext_lazy("Length"),
    Facet.LEVEL: gettext_lazy("Level"),
    Facet.APPARATUS: gettext_lazy("Apparatus"),
    Facet.PROP: gettext_lazy("Props"),
    Facet.INSTRUCTOR: gettext_lazy("Instructor"),
    Facet.LANGUAGE: pgettext_lazy("spoken", "Language"),
}


# These must hold of one and the same film, not of the class in general.
OF_A_FILM = frozenset({Facet.SHOW, Facet.LENGTH, Facet.LANGUAGE})


@dataclass(frozen=True)
class Band:
    """Lengths from `low` to `high` whole minutes, both included; no `high`: and longer."""

    low: int
    high: int | None

    @property
    def value(self) -> str:
        return f"{self.low}-{self.high or ''}"

    @property
    def label(self) -> str:
        if self.high is None:
            return _("Over %(minutes)s minutes") % {"minutes": self.low - 1}
        if self.low == 0:
            return _("Up to %(minutes)s minutes") % {"minutes": self.high}
        return _("%(low)s–%(high)s minutes") % {"low": self.low, "high": self.high}

    # Minutes are rounded half up (`classes.durations.whole_minutes`), so a band begins and ends
    # half a minute before the full one: 10:30 counts as 11 minutes.

    @property
    def at_least(self) -> timedelta:
        return timedelta(minutes=max(0, self.low - 0.5))

    @property
    def below(self) -> timedelta | None:
        return None if self.high is None else timedelta(minutes=self.high + 0.5)


BANDS = {
    band.value: band
    for band in (
        Band(0, 10),
        Band(11, 20),
        Band(21, 30),
        Band(31, 45),
        Band(46, 60),
        Band(61, None),
    )
}
