"""What a curator does about one film: stop it, try it again, choose its preview and poster."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from classes.body import checking
from classes.models import Variant, Video, WorkoutClass
from classes.tasks import change_extras
from classes.video import layout, orders
from classes.video.stores import film_store
from classes.watch.playback import mp4_url
from classes.watch.watching import may_watch

from .film_choices import FilmChoicesForm
from .film_panel import ENDED, newest_film, with_films
from .films import discard_films


class FilmPages(admin.ModelAdmin):
    """Adds their addresses to the admin of variants.

    Whoever may change a class may do all of it. What is done is written into the class's history.
    Each action may be sent twice: the second time it says how things stand.
    """

    def get_urls(self) -> list[Any]:
        def post(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            return self.admin_site.admin_view(require_POST(view))

        def get(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            return self.admin_site.admin_view(require_safe(view))

        return [
            path("film/<uuid:pk>/stop/", post(self.stop_view), name="classes_film_stop"),
            path("film/<uuid:pk>/again/", post(self.again_view), name="classes_film_again"),
            path("film/<uuid:pk>/discard/", post(self.discard_view), name="classes_film_discard"),
            path("film/<uuid:pk>/remake/", post(self.remake_view), name="classes_film_remake"),
            path(
                "film/<uuid:pk>/candidate-<int:number>.jpg",
                get(self.candidate_view),
                name="classes_film_candidate",
            ),
            path(
                "<int:pk>/choices/",
                self.admin_site.admin_view(self.choices_view),
                name="classes_film_choices",
            ),
            *super().get_urls(),
        ]

    # --- Actions ----------------------------------------------------------------------------------

    def stop_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        question = _("What has been made of it so far is lost; the upload is kept.")
        return self._act(request, pk, _stop, title=_("Stop this film?"), question=question)

    def again_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self._act(request, pk, _try_again)

    def discard_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        question = _("The upload cannot be brought back.")
        return self._act(
            request, pk, _discard, title=_("Throw this upload away?"), question=question
        )

    def remake_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        return self._act(request, pk, _remake)

    def _act(
        self,
        request: HttpRequest,
        pk: UUID,
        action: Callable[[Video], tuple[bool, str]],
        *,
        title: str = "",
        question: str = "",
    ) -> HttpResponse:
        """Do it, after a question where there is one, and say what was done.

        A script asks the question itself, and gets the sentence as JSON.
        """
        if not _may_change(request):
            raise PermissionDenied
        video = Video.objects.select_related("variant__workout_class").filter(pk=pk).first()
        if video is None:
            return self._answer(request, None, False, _("This film is not there any more."))
        if question and "sure" not in request.POST:
            return self._ask(request, video, title, question)
        workout_class = video.variant.workout_class
        with transaction.atomic():
            checking.hold(workout_class.pk)  # whoever sends the same at once comes after this
            held = Video.objects.select_for_update(of=("self",)).filter(pk=pk)
            video = held.select_related("variant__video", "variant__workout_class").first()
            if video is None:
                return self._answer(
                    request, workout_class, False, _("This film is not there any more.")
                )
            done, sentence = action(video)
            if done:
                self.log_change(request, workout_class, f"{video.variant}: {sentence}")
        return self._answer(request, workout_class, done, sentence)

    def _ask(self, request: HttpRequest, video: Video, title: str, question: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": WorkoutClass._meta,  # the page belongs to the class
            "video": video,
            "workout_class": video.variant.workout_class,
            "question": question,
        }
        return TemplateResponse(request, "admin/classes/variant/sure.html", context)

    def _answer(
        self, request: HttpRequest, workout_class: WorkoutClass | None, done: bool, sentence: str
    ) -> HttpResponse:
        if request.accepts("text/html"):
            messages.add_message(request, messages.SUCCESS if done else messages.WARNING, sentence)
            if workout_class is None:
                return redirect("admin:classes_variant_changelist")
            return redirect("admin:classes_workoutclass_change", workout_class.pk)
        return JsonResponse({"said": sentence})

    # --- Preview and poster -----------------------------------------------------------------------

    def choices_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Where the preview begins and which frame is the poster. Nothing is encoded for it."""
        variant = get_object_or_404(with_films(Variant.objects.all()), pk=pk)
        if not _may_change(request):
            raise PermissionDenied
        video = variant.video
        if video is None:
            messages.warning(request, _("There is no film yet to choose from."))
            return redirect("admin:classes_workoutclass_change", variant.workout_class_id)
        form = FilmChoicesForm(request.POST or None, instance=video)
        if request.method == "POST" and form.is_valid():
            if form.has_changed():
                with transaction.atomic():
                    form.save()
                    self.log_change(
                        request,
                        variant.workout_class,
                        _("%(variant)s: preview and poster were chosen anew.")
                        % {"variant": variant},
                    )
                    transaction.on_commit(lambda: change_extras.enqueue(str(video.pk)))
                messages.success(request, _("Preview and poster will be there in a moment."))
                return redirect(f"{request.path}?after={video.preview_version}")
            return redirect(request.path)
        return TemplateResponse(
            request,
            "admin/classes/variant/choices.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Preview and poster"),
                "subtitle": str(variant),
                "opts": WorkoutClass._meta,
                "variant": variant,
                "workout_class": variant.workout_class,
                "video": video,
                "frames": [str(number) for number, _at in enumerate(video.poster_candidates, 1)],
                "awaited": request.GET.get("after") == str(video.preview_version),
                "film_url": mp4_url(request, variant, may_watch(request.user, variant)),
                "form": form,
            },
        )

    def candidate_view(self, request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
        """One of the frames on offer. It is no address for members."""
        if not _may_change(request):
            raise PermissionDenied
        try:
            with film_store().local(layout.key(pk, f"candidate-{number}.jpg")) as frame:
                content = frame.read_bytes()
        except FileNotFoundError:
            raise Http404 from None
        response = HttpResponse(content, content_type="image/jpeg")
        # What was made for a film never changes.
        response.headers["Cache-Control"] = "private, max-age=86400, immutable"
        return response


# --- What is done to a film ---------------------------------------------------------------------
# Each says whether it was done, and a sentence for whoever asked for it.


def _stop(video: Video) -> tuple[bool, str]:
    if orders.cancel(video):
        return True, _("“%(film)s” was stopped.") % {"film": video}
    return False, _("“%(film)s” is not in the works any more.") % {"film": video}


def _try_again(video: Video) -> tuple[bool, str]:
    if video.state in ENDED and not video.has_master():
        return False, _("The file was not kept: upload another one.")
    if orders.try_again(video):
        return True, _("“%(film)s” is tried again.") % {"film": video}
    return False, _("“%(film)s” is being made or is ready already.") % {"film": video}


def _discard(video: Video) -> tuple[bool, str]:
    if video.state not in ENDED or video == video.variant.video:
        return False, _("“%(film)s” is in use: it was kept.") % {"film": video}
    Video.objects.filter(pk=video.pk).delete()
    discard_films([video])
    return True, _("“%(film)s” was thrown away.") % {"film": video}


def _remake(video: Video) -> tuple[bool, str]:
    newest = newest_film(video.variant)
    if newest and newest.is_in_the_works:
        return False, _("A film is in the works here already: “%(film)s”.") % {"film": newest}
    if video != video.variant.video or not video.has_master():
        return False, _("The upload of this film is not there any more.")
    orders.remake(video)
    sentence = _("The sizes of “%(film)s” are made again; until then it plays as it is.")
    return True, sentence % {"film": video}


def _may_change(request: HttpRequest) -> bool:
    return request.user.has_perm("classes.change_workoutclass")
