"""The pages around one class: the body check, the Markdown preview, the state of its films."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.admin import curator_of
from classes import publishing
from classes.body import checking
from classes.body.coverage import Coverage, coverage
from classes.body.occurrences import Occurrence, occurrences, places_in_words
from classes.body.timeline_text import in_order
from classes.body.vouching import broken_promises
from classes.markdown import render_markdown
from classes.models import Chapter, Movement, Variant, WorkoutClass
from classes.numbers import whole_number
from classes.uploads import why_not_upload
from classes.video.probe import NO_FILM
from classes.watch.playback import mp4_url
from classes.watch.watching import may_watch

from .film_choices import clock_of
from .film_panel import film_panel, with_films
from .films import HEAD_BYTES, begins_like_a_film


class ClassPages(admin.ModelAdmin):
    """Adds their addresses to the class admin."""

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        return [
            path("markdown/", wrap(require_POST(self.markdown_view)), name="classes_markdown"),
            path("may-send/", wrap(require_POST(self.may_send_view)), name="classes_may_send"),
            path("<int:pk>/check/", wrap(self.check_view), name="classes_check"),
            path("<int:pk>/films/", wrap(require_safe(self.films_view)), name="classes_films"),
            *super().get_urls(),
        ]

    def markdown_view(self, request: HttpRequest) -> HttpResponse:
        """The description as members will read it, while it is being written."""
        if not (self.has_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        return HttpResponse(render_markdown(request.POST.get("text", "")))

    def may_send_view(self, request: HttpRequest) -> HttpResponse:
        """Why a film would be refused, by its size and its first bytes, before the rest travels."""
        if not (self.has_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        size = whole_number(request.POST.get("bytes")) or 0
        head = request.FILES.get("head")
        refusal = why_not_upload(size)
        if not refusal and head and not begins_like_a_film(head.read(HEAD_BYTES)):
            refusal = _(NO_FILM)
        return JsonResponse({"refusal": refusal})

    def films_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The film panels of a class by variant, for a page that stays open while they are made."""
        workout_class = self._class_or_404(request, pk)
        variants = with_films(workout_class.variants.all())
        return JsonResponse({str(variant.pk): film_panel(variant) for variant in variants})

    def check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Stand, by name, for what a class contains: by each film's timeline, or by watching."""
        if request.method == "POST":
            return self._check(request, pk)
        return self._check_page(request, self._class_or_404(request, pk, change=True))

    def _check(self, request: HttpRequest, pk: int) -> HttpResponse:
        with transaction.atomic():
            self._class_or_404(request, pk, change=True)
            checking.hold(pk)
            workout_class = self._class_or_404(request, pk, change=True)
            if request.POST.get("seen") != _seen(_ready(workout_class), occurrences(workout_class)):
                sentence = _(
                    "Its films, what it contains or what there is to look for were changed while "
                    "you were looking. Please look again."
                )
                return self._check_page(request, workout_class, sentence)
            watched = [
                variant
                for variant in workout_class.variants.all()
                if str(variant.pk) in request.POST.getlist("watched")
            ]
            try:
                checking.check(workout_class, curator_of(request), watched=watched)
            except checking.CannotCheck as refusal:
                return self._check_page(request, workout_class, str(refusal))
            self.log_change(request, workout_class, _("Checked what the class contains."))
        text = _("“%(title)s” is checked. Your name stands for it.")
        messages.success(request, text % {"title": workout_class})
        return redirect(reverse("admin:classes_workoutclass_change", args=[pk]))

    def _check_page(
        self, request: HttpRequest, workout_class: WorkoutClass, error: str = ""
    ) -> HttpResponse:
        films, contained = _ready(workout_class), occurrences(workout_class)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Body check"),
            "subtitle": str(workout_class),
            "opts": self.opts,
            "original": workout_class,
            "error": error,
            "films": [_film_to_check(request, film) for film in films],
            "watched": request.POST.getlist("watched"),
            "movements": [
                places_in_words(movement, contained)
                for movement in in_order(place.movement for place in contained)
            ],
            "contradictions": [
                publishing.contradiction_in_words(tag, broken, contained)
                for tag, broken in broken_promises(
                    workout_class.focus_tags.all(), [place.movement for place in contained]
                )
            ],
            "promises": [tag for tag in workout_class.focus_tags.all() if tag.forbids.all()],
            "seen": _seen(films, contained),
        }
        return TemplateResponse(request, "admin/classes/workoutclass/check.html", context)

    def _class_or_404(self, request: HttpRequest, pk: int, *, change: bool = False) -> WorkoutClass:
        workout_class = get_object_or_404(
            WorkoutClass.objects.prefetch_related("focus_tags__forbids"), pk=pk
        )
        if change and not self.has_change_permission(request, workout_class):
            raise PermissionDenied
        if not self.has_view_permission(request, workout_class):
            raise PermissionDenied
        return workout_class


@dataclass(frozen=True)
class FilmToCheck:
    """A film as whoever checks it sees it: played, described, and where it is not described."""

    variant: Variant
    url: str
    chapters: list[Chapter]
    coverage: Coverage
    gaps: list[tuple[str, str]]  # as `1:30` to `2:10`


def _film_to_check(request: HttpRequest, variant: Variant) -> FilmToCheck:
    covered = coverage(variant)
    return FilmToCheck(
        variant=variant,
        url=mp4_url(request, variant, may_watch(request.user, variant)),
        chapters=list(variant.chapters.all()),
        coverage=covered,
        gaps=[(clock_of(start), clock_of(end)) for start, end in covered.gaps],
    )


def _ready(workout_class: WorkoutClass) -> list[Variant]:
    """Its films with their timelines, whatever their number: 7 queries at most."""
    chapters = Prefetch("chapters", Chapter.objects.order_by("start").for_timeline())
    return list(with_films(workout_class.variants.ready()).prefetch_related(chapters))


def _seen(films: list[Variant], contained: list[Occurrence]) -> str:
    """What the person who checks is looking at, and for: films, timelines, what follows from them.

    A check counts for every movement that was defined before it. One that came, or came to mean
    something else, while somebody was looking, nobody has looked for.
    """
    looked_at = [
        *((film.pk, film.video_id) for film in films),
        *(
            (each.variant_id, each.start, each.end, each.label)
            for f in films
            for each in f.chapters.all()
        ),
        *((place.movement.pk, place.chapter and place.chapter.pk) for place in contained),
        *Movement.objects.order_by("pk").values_list("pk", "defined_at"),
    ]
    return hashlib.sha256(repr(looked_at).encode()).hexdigest()[:16]
