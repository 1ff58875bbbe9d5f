"""What a curator chooses of a film for everyone to see: its poster and its preview."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from classes.durations import clock, read_clock
from classes.models import Video

OTHER = "other"


def clock_of(seconds: float) -> str:
    """`2:30`, as one types it, to the next second."""
    return clock(timedelta(seconds=round(seconds)))


class ClockField(forms.Field):
    """A moment of a film, typed as minutes and seconds. Cleans to seconds, or None if empty."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "placeholder": "0:00", "size": "8"})

    def prepare_value(self, value: Any) -> Any:
        return clock_of(value) if isinstance(value, int | float) else value

    def to_python(self, value: Any) -> int | None:
        text = (value or "").strip()
        if not text:
            return None
        try:
            return read_clock(text)
        except ValueError:
            raise ValidationError(gettext("Write it as minutes and seconds, like 2:30.")) from None

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.prepare_value(initial) != ((data or "").strip() or None)


class FilmChoicesForm(forms.ModelForm):
    """Saves only what is chosen here: a worker may be writing into the same row."""

    poster = forms.ChoiceField(label=_("Poster"), widget=forms.RadioSelect)
    poster_time = ClockField(label=_("Moment of the film"), required=False)
    preview_start = ClockField(
        label=_("Begins at"),
        required=False,
        help_text=_("Empty: after a third of the film."),
    )

    class Meta:
        model = Video
        fields = ("preview_start", "preview_seconds")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        film: Video = self.instance
        self.candidates: list[float] = film.poster_candidates
        poster = cast("forms.ChoiceField", self.fields["poster"])
        if self.candidates:
            poster.choices = [
                *((str(number), clock_of(at)) for number, at in enumerate(self.candidates, 1)),
                (OTHER, gettext("Another moment")),
            ]
        else:
            poster.choices = [
                ("", gettext("After a third of the film")),
                (OTHER, gettext("Another moment")),
            ]
            poster.required = False
        poster.initial, self.fields["poster_time"].initial = self._poster_now()
        self.fields["preview_seconds"].label = _("Lasts, in seconds")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._clean_poster(cleaned)
        self._clean_preview(cleaned)
        return cleaned

    def save(self, commit: bool = True) -> Video:
        film = self.instance
        film.poster_at = self.poster_at
        film.save(update_fields=["poster_at", "preview_start", "preview_seconds"])
        return film

    @property
    def length(self) -> timedelta:
        """Of the film. One that plays has a length."""
        return self.instance.duration or timedelta()

    @property
    def poster_at(self) -> float | None:
        """The moment chosen; None for the first frame on offer."""
        chosen = self.cleaned_data["poster"]
        if chosen == OTHER:
            return self.cleaned_data["poster_time"]
        return None if chosen in ("", "1") else self.candidates[int(chosen) - 1]

    def _poster_now(self) -> tuple[str, float | None]:
        at = self.instance.poster_at
        if at is None:
            return ("1" if self.candidates else "", None)
        for number, candidate in enumerate(self.candidates, 1):
            if abs(candidate - at) < 0.05:
                return (str(number), None)
        return (OTHER, at)

    def _clean_poster(self, cleaned: dict[str, Any]) -> None:
        if "poster_time" in self.changed_data and "poster" not in self.changed_data:
            cleaned["poster"] = OTHER  # whoever writes a moment means it
        if cleaned.get("poster") != OTHER or "poster_time" not in cleaned:
            return
        at = cleaned["poster_time"]
        if at is None:
            self.add_error("poster_time", gettext("Say which moment of the film."))
        elif at >= self.length.total_seconds():
            self.add_error("poster_time", self._past_the_end())

    def _clean_preview(self, cleaned: dict[str, Any]) -> None:
        start, seconds = cleaned.get("preview_start"), cleaned.get("preview_seconds")
        if start is None or seconds is None:
            return
        left = self.length.total_seconds() - start
        if left <= 0:
            self.add_error("preview_start", self._past_the_end())
        elif left < seconds:
            sentence = gettext("From %(start)s on the film lasts only %(left)d seconds more.")
            self.add_error(
                "preview_seconds", sentence % {"start": clock_of(start), "left": int(left)}
            )

    def _past_the_end(self) -> str:
        return gettext("The film lasts %(length)s.") % {"length": clock(self.length)}
