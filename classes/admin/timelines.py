"""The timeline of one variant: typed as lines beside its film, or filled in from another film's."""

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.text import get_text_list
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.admin import curator_of
from classes.body import checking
from classes.body.coverage import coverage
from classes.body.timeline import contradictions_in, plain_chapters, store_timeline
from classes.body.timeline_text import (
    BodyVocabulary,
    Fault,
    PlainChapter,
    TimelineFaults,
    read_timeline,
    shifted,
    write_timeline,
)
from classes.durations import clock, read_clock
from classes.models import Exercise, Variant, WorkoutClass
from classes.watch.playback import mp4_url
from classes.watch.watching import may_watch

from .film_choices import clock_of

# A text that is wrong throughout is wrong for one reason, which shows in its first lines.
SHOWN_FAULTS = 20
SHOWN_SOURCES = 12
MAX_WORDS = 100
CHOOSE = _("Choose whose timeline to fill in.")
_OFFSET = re.compile(r"([+\-−–]?)\s*([0-9:]+)", re.ASCII)
_CLASS_ADDRESS = re.compile(r"/classes/([-\w]+)", re.ASCII)


# --- Copying ------------------------------------------------------------------------------------


class OffsetField(forms.Field):
    """By how much a copy begins later, or earlier with a minus. Cleans to seconds, 0 if empty."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "placeholder": "0:00", "size": "8"})

    def to_python(self, value: Any) -> int:
        text = str(value or "").strip()
        if not text:
            return 0
        try:
            sign, figures = _OFFSET.fullmatch(text).groups()  # type: ignore[union-attr]
            seconds = read_clock(figures)
        except (AttributeError, ValueError):
            raise ValidationError(
                gettext("Write it as seconds or as minutes and seconds, like 45 or -1:30.")
            ) from None
        return seconds if sign in ("", "+") else -seconds


class CopyForm(forms.Form):
    """Whose timeline to fill in, and by how much later it begins.

    On offer are the other variants of the class, and those of classes that `words` find.
    """

    words = forms.CharField(
        label=_("From another class"),
        max_length=MAX_WORDS,
        required=False,
        help_text=_("Words of its title, or its address."),
    )
    source = forms.ChoiceField(
        label=_("From"),
        widget=forms.RadioSelect,
        error_messages={"required": CHOOSE, "invalid_choice": CHOOSE},
    )
    offset = OffsetField(
        label=_("Begins later by"),
        required=False,
        help_text=_("Seconds, or minutes and seconds; with a minus it begins earlier."),
    )

    def __init__(self, *args: Any, variant: Variant, words: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sources = {str(source.pk): source for source in _sources(variant, words)}
        of_others = [s for s in self.sources.values() if s.workout_class != variant.workout_class]
        self.found_nothing = bool(words) and not of_others
        source_field: Any = self.fields["source"]
        source_field.choices = [
            (pk, _source_in_words(source, variant)) for pk, source in self.sources.items()
        ]

    def clean_source(self) -> Variant:
        return self.sources[self.cleaned_data["source"]]


def _sources(variant: Variant, words: str) -> list[Variant]:
    """Variants with a timeline, those of the same class first: two queries."""
    others = (
        Variant.objects.exclude(pk=variant.pk)
        .annotate(chapter_count=Count("chapters"))
        .filter(chapter_count__gt=0)
        .select_related("workout_class", "video")
        .order_by("workout_class__title", "workout_class", "pk")
    )
    here: list[Variant] = list(others.filter(workout_class=variant.workout_class_id))
    if not words:
        return here
    pasted = _CLASS_ADDRESS.search(words)
    slug = pasted[1] if pasted else words
    elsewhere = others.exclude(workout_class=variant.workout_class_id).filter(
        Q(workout_class__slug=slug.lower()) | Q(workout_class__title__icontains=words)
    )
    return [*here, *elsewhere[:SHOWN_SOURCES]]


def _source_in_words(source: Any, variant: Variant) -> str:
    name = str(source)
    if source.workout_class != variant.workout_class:
        name = f"{source.workout_class}: {name}"
    chapters = ngettext("%(count)d chapter", "%(count)d chapters", source.chapter_count)
    said = [name, chapters % {"count": source.chapter_count}]
    if source.duration:
        said.append(clock(source.duration))
    return " · ".join(said)


# --- The page -----------------------------------------------------------------------------------


@dataclass
class TimelinePage:
    """What stands on the page besides what is the same for every timeline."""

    text: str  # in the box
    faults: list[Fault]
    copying: CopyForm
    seen: str  # what whoever saves it has looked at: see `_seen`
    stored_meanwhile: str | None = None  # somebody else's lines, where they saved first
    in_the_box_before: str = ""  # what a copy took the place of


class TimelinePages(admin.ModelAdmin):
    """Adds its address to the admin of variants."""

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.timeline_view)
        return [path("<int:pk>/timeline/", view, name="classes_timeline"), *super().get_urls()]

    def timeline_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The lines as they are stored, to be changed; or as they were typed, with what is wrong.

        A POST says with `act` what to do: `find` and `copy` fill in and store nothing.
        """
        if not request.user.has_perm("classes.view_workoutclass"):
            raise PermissionDenied
        variants = Variant.objects.select_related("workout_class", "video")
        variant = get_object_or_404(variants, pk=pk)
        if request.method != "POST":
            text = stored_text(variant)
            page = TimelinePage(text, [], CopyForm(variant=variant), _seen(variant, text))
            return self._timeline_page(request, variant, page)
        if not _may_change(request):
            raise PermissionDenied
        if not variant.is_ready:
            return redirect("admin:classes_timeline", pk)
        match request.POST.get("act"):
            case "find":
                return self._timeline_page(request, variant, _as_typed(request, variant))
            case "copy":
                return self._timeline_page(request, variant, _copy(request, variant))
        with transaction.atomic():
            checking.hold(variant.workout_class_id)  # nobody saves between the look and the act
            refused = self._save_timeline(request, variants.get(pk=pk))
        if refused:
            return self._timeline_page(request, variant, refused)
        return redirect(request.path)

    def _save_timeline(self, request: HttpRequest, variant: Variant) -> TimelinePage | None:
        """The page again, with what keeps the lines from being stored; None where they are."""
        page = _as_typed(request, variant)
        try:
            chapters = read_timeline(
                page.text, BodyVocabulary.load(), duration=variant.duration or timedelta()
            )
        except TimelineFaults as refused:
            page.faults = list(refused.faults)
            return page
        if forbidden := _forbidden(variant, chapters, page.text):
            page.faults = forbidden
            return page
        stored = stored_text(variant)
        if page.seen != (seen := _seen(variant, stored)):
            page.stored_meanwhile, page.seen = stored, seen
            return page
        self._store_timeline(request, variant, chapters)
        return None

    def _store_timeline(
        self, request: HttpRequest, variant: Variant, chapters: list[PlainChapter]
    ) -> None:
        workout_class = variant.workout_class
        was_checked = workout_class.is_checked
        if not store_timeline(variant, chapters, by=curator_of(request)):
            messages.info(request, gettext("The timeline was so already: nothing is changed."))
            return
        said = gettext("The timeline was changed: %(variant)s") % {"variant": variant}
        self.log_change(request, workout_class, said)
        text = ngettext(
            "The timeline is stored, with %(count)d chapter.",
            "The timeline is stored, with %(count)d chapters.",
            len(chapters),
        )
        messages.success(request, text % {"count": len(chapters)})
        workout_class.refresh_from_db(fields=["checked_by", "checked_at", "check_withdrawn"])
        if was_checked and not workout_class.is_checked:
            text = gettext("The body check is taken back. %(reason)s.")
            messages.warning(request, text % {"reason": checking.why_withdrawn(workout_class)})

    def _timeline_page(
        self, request: HttpRequest, variant: Variant, page: TimelinePage
    ) -> HttpResponse:
        decision = may_watch(request.user, variant) if variant.is_ready else None
        covered = coverage(variant)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Timeline"),
            "subtitle": str(variant),
            "opts": WorkoutClass._meta,
            "original": variant.workout_class,
            "variant": variant,
            "film_url": mp4_url(request, variant, decision)
            if decision and decision.allowed
            else "",
            "page": page,
            "faults": page.faults[:SHOWN_FAULTS],
            "more_faults": max(0, len(page.faults) - SHOWN_FAULTS),
            "gaps": [(clock_of(start), clock_of(end)) for start, end in covered.gaps],
            "overhang": covered.overhang,
            "may_change": _may_change(request),
            **_known_words(),
        }
        return TemplateResponse(request, "admin/classes/variant/timeline.html", context)


def stored_text(variant: Variant) -> str:
    """The lines of what is stored; none for a variant without a film. Four queries."""
    duration = variant.duration or timedelta()
    return write_timeline(plain_chapters(variant), duration=duration)


def _may_change(request: HttpRequest) -> bool:
    return request.user.has_perm("classes.change_workoutclass")


def _as_typed(request: HttpRequest, variant: Variant) -> TimelinePage:
    """What was sent, as it was: a refusal loses nothing."""
    words = request.POST.get("words", "").replace("\x00", "")[:MAX_WORDS].strip()
    offset = request.POST.get("offset", "")
    copying = CopyForm(
        initial={"words": words, "offset": offset, "source": request.POST.get("source", "")},
        variant=variant,
        words=words,
    )
    return TimelinePage(request.POST.get("text", ""), [], copying, request.POST.get("seen", ""))


def _copy(request: HttpRequest, variant: Variant) -> TimelinePage:
    """Another film's chapters in the box; what stood there, if nobody stored it, beside it."""
    page = _as_typed(request, variant)
    words = str(page.copying.initial["words"])
    page.copying = form = CopyForm(request.POST, variant=variant, words=words)
    if not form.is_valid():
        return page
    source = form.cleaned_data["source"]
    duration = variant.duration or timedelta()
    try:
        chapters = shifted(plain_chapters(source), form.cleaned_data["offset"], duration=duration)
    except TimelineFaults as refused:
        for fault in refused.faults[:SHOWN_FAULTS]:
            form.add_error("offset", fault.sentence)
        return page
    typed = page.text.replace("\r\n", "\n").strip()
    page.text = write_timeline(chapters, duration=duration)
    if typed not in ("", page.text.strip(), stored_text(variant).strip()):
        page.in_the_box_before = typed
    text = gettext("Filled in from %(source)s. Nothing is stored before you save it.")
    messages.info(request, text % {"source": _source_in_words(source, variant)})
    return page


def _forbidden(variant: Variant, chapters: list[PlainChapter], text: str) -> list[Fault]:
    """A fault for each line and tag that forbids what happens there."""
    lines = [
        (number, line.strip())
        for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1)
        if line.strip()
    ]
    line_of = dict(zip((chapter.start for chapter in chapters), lines, strict=True))
    faults = []
    by_chapter_and_tag = groupby(contradictions_in(variant, chapters), key=lambda row: row[:2])
    for (chapter, tag), rows in by_chapter_and_tag:
        movements = [str(movement) for _chapter, _tag, movement in rows]
        sentence = gettext("“%(tag)s” forbids what happens here: %(movements)s.")
        said = sentence % {"tag": tag, "movements": get_text_list(movements, gettext("and"))}
        faults.append(Fault(*line_of[chapter.start], said))
    return faults


def _seen(variant: Variant, text: str) -> str:
    """What the page was made of: whoever saves it has seen no other film and no other lines."""
    return hashlib.sha256(f"{variant.video_id}\n{text}".encode()).hexdigest()[:16]


def _known_words() -> dict[str, Any]:
    """What a line may name, for whoever looks it up."""
    vocabulary = BodyVocabulary.load()
    exercises = sorted(vocabulary.exercises.terms, key=lambda each: each.family)
    families = [
        (Exercise.Family(family).label, list(each))
        for family, each in groupby(exercises, key=lambda exercise: exercise.family)
    ]
    return {"families": families, "movements": vocabulary.movements.terms}
