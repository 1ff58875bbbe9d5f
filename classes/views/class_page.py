"""The page that everything serves: one class, its film, and what is said under it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from accounts.caching import public_for_visitors
from classes import from_above, holes, kept_classes
from classes.beside_chapters import html_beside
from classes.body.avoiding import Avoided
from classes.body.facts import BodyFacts, body_facts
from classes.body.my_version import MyVersion, my_version
from classes.body.shown_timeline import Timeline
from classes.body.vouching import unvouched_tags, vouched_tags
from classes.captioning.transcript import transcript_of
from classes.catalogue import Catalogue, keeping
from classes.catalogue.fragments import kept_class_page, kept_frame
from classes.from_above import ClassPage
from classes.kept_chapters import chapters_of
from classes.kept_chapters import movements as movements_of
from classes.languages import canonical_tag
from classes.library.beside_cards import beside_marked
from classes.library.own import own_facts
from classes.models import Chapter, Level, Variant, WorkoutClass
from classes.numbers import whole_number
from classes.own_marks import marks_of_chapters, marks_of_facts, my_version_html
from classes.page_marks import Lifetime, PageMarks, page_marks
from classes.show_me import outlines_of, show_me
from classes.similar_classes import Section, similar_section
from classes.structured_data import absolute, as_json, poster_url, video_object
from classes.views.beside_film import gate_html, my_class_html, progress_html
from classes.views.former_addresses import moved
from classes.views.marking import avoided_on_page
from classes.views.own_parts import as_nobody, header_parts, token_of
from classes.watch.playback import playback_of, preview_url, token_for
from classes.watch.watching import Decision, may_watch

_HOLES = (
    *("account", "messages", "said", "similar", "gate", "my_class", "progress"),
    *("you_avoid", "unchecked_for", "my_version"),
)


@csp_update({"media-src": ["blob:"]})  # what hls.js hands to the video element
@public_for_visitors
@require_safe
def class_detail(
    request: HttpRequest, slug: str, tempo: str = "", language: str = ""
) -> HttpResponse:
    """One query where nothing has changed, for a visitor; a member's own facts cost theirs.

    What all readers share of a page is kept with holes, and the conversation, which moves most,
    apart from the rest. See `classes.catalogue.fragments`.
    """
    marks = page_marks(slug)
    if marks is None:
        return redirect_moved_class(request, slug, tempo, language)
    catalogue = keeping.of_substance(marks.version) or keeping.current()
    whole = kept_class_page(request, marks, catalogue)
    if whole and (html := whole.get(request)):
        return HttpResponse(html)

    workout_class = read_class(request, marks)
    if workout_class is None:
        raise Http404
    variant = choose_variant(workout_class, tempo, language)
    address = variant.get_absolute_url() if variant else workout_class.get_absolute_url()
    if request.path != address:
        return moved(request, address)

    movements = {option.value: option.label for option in catalogue.vocabulary.movements}
    avoided, ignored = avoided_on_page(request, movements)
    decision = may_watch(request.user, variant) if variant else None
    is_curator = request.user.is_staff and request.user.has_perm("classes.change_workoutclass")
    own = own_warnings(workout_class, variant, marks, avoided)
    skips = bool(own and own.version and own.version.stretches)
    # When a membership ended is one reader's own, and stands in a hole.
    answer = decision and (decision.allowed, decision.reason)
    is_member = request.user.is_authenticated
    sees = (answer, is_member, is_curator, own is not None, skips)
    frame = kept_frame(request, marks, catalogue, workout_class, avoided, sees)
    if frame is None:
        own = None
    labels = {"avoided_labels": [movements[slug] for slug in avoided.slugs]}
    pieces = frame.get() if frame else None
    if pieces is None:
        shown = Avoided() if own else avoided
        context = {
            **frame_of(request, workout_class, variant, catalogue, shown, decision, is_curator),
            **({"own_set": True, "my_version": {"stretches": skips}} if own else labels),
            "ignored": ignored,
            "canonical": absolute(address),
            "is_member": is_member,
            "csrf_token": holes.hole("csrf"),
            "member_pk": holes.hole("member"),
        }
        reader = as_nobody(request) if frame else request
        pieces = holes.pieces(render_to_string("classes/class_detail.html", context, reader))
        if frame:
            frame.keep(pieces)
    token = token_of(request)
    lifetime = Lifetime()
    contents = own_parts(request, workout_class, variant, marks, catalogue, lifetime, token)
    similar = similar_section(catalogue, marks.version, workout_class.pk, avoided)
    contents |= own_of_class(request, workout_class, variant, decision, avoided, similar, token)
    contents |= html_beside(pieces, variant, marks)
    if own:
        contents |= own_marks(own, avoided, labels["avoided_labels"], decision)
    html = holes.filled(pieces, contents)
    film = variant.video if variant and decision and decision.allowed else None
    if whole:
        whole.keep(html, lifetime.until, film.pk if film else None)
    if variant and decision and film:
        html = html.replace(holes.TOKEN, token_for(request, variant, decision))
    return HttpResponse(html)


def read_class(request: HttpRequest, marks: PageMarks) -> WorkoutClass | None:
    """The class, if this reader may open it, with all that its page shows."""
    if kept := kept_classes.get(marks):
        return kept
    visible = WorkoutClass.objects.visible_to(request.user)
    workout_class = visible.for_page().filter(pk=marks.class_id).first()
    if workout_class is not None:
        kept_classes.keep(marks, workout_class)
    return workout_class


class OwnWarnings(NamedTuple):
    """What a class says to a member about what they keep as avoided."""

    facts: BodyFacts
    chapters: Sequence[Chapter]  # of the film that is shown, none without
    version: MyVersion | None


def own_warnings(
    workout_class: WorkoutClass, variant: Variant | None, marks: PageMarks, avoided: Avoided
) -> OwnWarnings | None:
    """None where there is no such set, or nothing of the page is kept.

    Made for each request and kept nowhere. No query where chapters and movements are kept.
    """
    if not avoided.slugs or avoided.is_from_address or not workout_class.is_public:
        return None
    facts = body_facts(workout_class, avoided.slugs, movements_of(marks))
    if not (variant and variant.video):
        return OwnWarnings(facts, (), None)
    chapters = chapters_of(variant, marks)
    duration = variant.video.duration or timedelta()
    version = my_version(workout_class, chapters, avoided.slugs, facts, duration=duration)
    return OwnWarnings(facts, chapters, version)


def own_marks(
    own: OwnWarnings, avoided: Avoided, avoided_labels: Sequence[str], decision: Decision | None
) -> dict[str, SafeString]:
    """What stands in the holes for it. No query."""
    contents = marks_of_facts(own.facts, avoided_labels)
    contents |= marks_of_chapters(own.chapters, avoided.slugs)
    if own.version and decision:
        contents["my_version"] = my_version_html(own.version, not decision.allowed)
    return contents


def frame_of(
    request: HttpRequest,
    workout_class: WorkoutClass,
    variant: Variant | None,
    catalogue: Catalogue,
    avoided: Avoided,
    decision: Decision | None,
    is_curator: bool,
) -> dict[str, Any]:
    """What the page is made of but for what stands in its holes."""
    facts = body_facts(workout_class, avoided.slugs)
    outlines = outlines_of(workout_class)
    second = whole_number(request.GET.get("t"))
    picture = workout_class.picture
    context: dict[str, Any] = {
        "workout_class": workout_class,
        "variant": variant,
        "decision": decision,
        "show_me": show_me(
            workout_class, variant, outlines=outlines, second=second, avoided=avoided
        ),
        "body_facts": facts,
        "avoided": avoided,
        "focus_tags": vouched_tags(workout_class),
        "version": catalogue.version,
        "is_curator": is_curator,
        "level": Level(workout_class.level),
        "poster_url": picture.url(picture.widths[-1], "jpg") if picture else "",
        "og_image": poster_url(picture) if picture else "",
        "holes": {name: holes.hole(name) for name in _HOLES},
    }
    if is_curator:
        context["unvouched_tags"] = unvouched_tags(workout_class)
    if variant and variant.video and decision:
        has_chapters = variant.pk in outlines
        timeline = Timeline(variant, avoids=avoided.slugs, asked=second) if has_chapters else None
        context["timeline"] = timeline
        context["playback"] = playback_of(
            request, variant, decision, has_chapters=has_chapters, token=holes.TOKEN
        )
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
        context["video_data"] = structured_data(workout_class, variant, timeline)
    return context


def structured_data(
    workout_class: WorkoutClass, variant: Variant, timeline: Timeline | None
) -> SafeString:
    """With a hole in front for what is said."""
    stretches = timeline.stretches if timeline else ()
    data = video_object(workout_class, variant, stretches)
    del data["commentCount"]  # it moves with every comment
    return SafeString("{" + holes.hole("data") + as_json(data).removeprefix("{"))


def own_parts(
    request: HttpRequest,
    workout_class: WorkoutClass,
    variant: Variant | None,
    marks: PageMarks,
    catalogue: Catalogue,
    lifetime: Lifetime,
    token: dict[str, str],
) -> dict[str, str]:
    """What stands in the holes of the page: the reader's own, and what moves by itself."""
    page = ClassPage(
        request,
        workout_class,
        variant,
        marks,
        catalogue,
        csrf_token=token.get("csrf_token", ""),
        lifetime=lifetime,
    )
    above = from_above.parts()
    has_data = variant is not None and variant.video is not None
    return {
        "said": above.said(page),
        "data": above.said_data(page) if has_data else "",
        **header_parts(request, token),
    }


def own_of_class(
    request: HttpRequest,
    workout_class: WorkoutClass,
    variant: Variant | None,
    decision: Decision | None,
    avoided: Avoided,
    similar: Section,
    token: dict[str, str],
) -> dict[str, str]:
    """What of the class is the reader's own: why it does not play, what they did, where they are;
    and what they saved and did of those like it.

    One query for a member.
    """
    contents = {"csrf": token.get("csrf_token", ""), "member": str(request.user.pk or "")}
    own = None
    beside: Mapping[int, SafeString] = {}
    if request.user.is_authenticated:
        class_ids = [card.class_id for card in similar.classes]
        variant_id = variant.pk if variant else None
        own = own_facts(request.user.pk, workout_class.pk, variant_id, class_ids)
        beside = beside_marked(similar.classes, own.marks if own else {})
        if own and variant and decision and decision.allowed:
            contents["progress"] = progress_html(
                request, workout_class, variant, own, avoided, contents["csrf"]
            )
    if decision and not decision.allowed:
        contents["gate"] = gate_html(request, decision)
    contents["my_class"] = my_class_html(request, workout_class, own)
    contents["similar"] = similar.html(beside)
    return contents


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
