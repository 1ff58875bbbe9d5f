"""The page that everything serves: one class, its film, and what is said under it."""

from datetime import timedelta
from functools import partial
from typing import Any

from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from accounts.caching import public_for_visitors
from classes.body.facts import body_facts
from classes.body.my_version import my_version
from classes.body.shown_timeline import Timeline
from classes.body.vouching import unvouched_tags, vouched_tags
from classes.captioning.transcript import transcript_of
from classes.catalogue import keeping
from classes.languages import canonical_tag
from classes.models import Level, Variant, WorkoutClass
from classes.numbers import whole_number
from classes.show_me import outlines_of, show_me
from classes.similar_classes import similar_classes
from classes.structured_data import absolute, as_json, poster_url, video_object
from classes.views.former_addresses import moved
from classes.views.marking import avoided_on_page
from classes.watch.playback import playback_of, preview_url
from classes.watch.watching import may_watch


@csp_update({"media-src": ["blob:"]})  # what hls.js hands to the video element
@public_for_visitors
@require_safe
def class_detail(
    request: HttpRequest, slug: str, tempo: str = "", language: str = ""
) -> HttpResponse:
    workout_class = (
        WorkoutClass.objects.visible_to(request.user).for_page().filter(slug=slug).first()
    )
    if workout_class is None:
        return redirect_moved_class(request, slug, tempo, language)
    variant = choose_variant(workout_class, tempo, language)
    address = variant.get_absolute_url() if variant else workout_class.get_absolute_url()
    if request.path != address:
        return moved(request, address)

    catalogue = keeping.current()
    movements = {option.value: option.label for option in catalogue.vocabulary.movements}
    avoided, ignored = avoided_on_page(request, movements)
    facts = body_facts(workout_class, avoided.slugs)
    outlines = outlines_of(workout_class)
    second = whole_number(request.GET.get("t"))
    decision = may_watch(request.user, variant) if variant else None
    picture = workout_class.picture
    is_curator = request.user.is_staff and request.user.has_perm("classes.change_workoutclass")
    context: dict[str, Any] = {
        "workout_class": workout_class,
        "variant": variant,
        "decision": decision,
        "show_me": show_me(
            workout_class, variant, outlines=outlines, second=second, avoided=avoided
        ),
        "body_facts": facts,
        "avoided": avoided,
        "avoided_labels": [movements[slug] for slug in avoided.slugs],
        "ignored": ignored,
        "focus_tags": vouched_tags(workout_class),
        "similar": similar_classes(catalogue, workout_class.pk, avoided),
        "version": catalogue.version,
        "is_curator": is_curator,
        "level": Level(workout_class.level),
        "canonical": absolute(address),
        "poster_url": picture.url(picture.widths[-1], "jpg") if picture else "",
        "og_image": poster_url(picture) if picture else "",
    }
    if is_curator:
        context["unvouched_tags"] = unvouched_tags(workout_class)
    if variant and variant.video and decision:
        has_chapters = variant.pk in outlines
        timeline = Timeline(variant, avoids=avoided.slugs, asked=second) if has_chapters else None
        context["timeline"] = timeline
        context["playback"] = playback_of(request, variant, decision, has_chapters=has_chapters)
        context["preview_url"] = preview_url(variant.video)
        if avoided.slugs:
            context["my_version"] = my_version(
                workout_class,
                timeline.chapters if timeline else (),
                avoided.slugs,
                facts,
                duration=variant.video.duration or timedelta(),
            )
        if decision.allowed:  # who may not hear the film does not read it either
            context["transcript"] = transcript_of(variant, request.GET.get("transcript", ""))
        # Called by the template, where nobody has read it since it was changed.
        context["structured_data"] = partial(structured_data, workout_class, variant, timeline)
    return render(request, "classes/class_detail.html", context)


def structured_data(
    workout_class: WorkoutClass, variant: Variant, timeline: Timeline | None
) -> SafeString:
    stretches = timeline.stretches if timeline else ()
    return as_json(video_object(workout_class, variant, stretches))


def choose_variant(workout_class: WorkoutClass, tempo: str, language: str) -> Variant | None:
    """The variant that the address names, or the first one; None while no film is ready.

    Http404 where the address names a variant that there is not, or that is not ready.
    """
    if not tempo:
        return workout_class.first_variant
    try:
        language = canonical_tag(language)
    except ValueError:
        raise Http404 from None
    for variant in workout_class.ready_variants:
        if (variant.tempo, variant.language) == (tempo, language):
            return variant
    raise Http404


def redirect_moved_class(
    request: HttpRequest, slug: str, tempo: str, language: str
) -> HttpResponse:
    """To the same film of the class that once had this slug. Http404 if there was none."""
    former = WorkoutClass.moved_from(slug)
    if former is None or not _may_open(request, former):
        raise Http404
    if tempo:
        return moved(request, reverse("classes:variant", args=[former.slug, tempo, language]))
    return moved(request, former.get_absolute_url())


def _may_open(request: HttpRequest, workout_class: WorkoutClass) -> bool:
    return WorkoutClass.objects.visible_to(request.user).filter(pk=workout_class.pk).exists()
