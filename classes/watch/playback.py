"""What a player needs of a film: the addresses of its files, and what else comes with it."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from classes.languages import own_name, primary_subtag
from classes.models import Variant, Video
from classes.video import layout

from . import passes
from .watching import Decision, Reason


@dataclass(frozen=True)
class Source:
    url: str
    type: str


@dataclass(frozen=True)
class Track:
    """Captions in one language."""

    url: str
    language: str
    label: str
    is_default: bool  # shown without being asked for


@dataclass(frozen=True)
class Playback:
    video_id: UUID
    sources: tuple[Source, ...]  # the best first
    tracks: tuple[Track, ...]  # in the reader's language first
    chapters_url: str  # a track for browsers' own menus; may be empty, as the next two
    storyboard_url: str
    pass_url: str  # where the same is to be had with a new pass, as JSON
    preview: bool  # the excerpt that is for everyone

    @property
    def mp4_url(self) -> str:
        """The whole in one file, which plays anywhere."""
        return self.sources[-1].url


def playback_of(
    request: HttpRequest,
    variant: Variant,
    decision: Decision,
    *,
    has_chapters: bool = False,
    token: str = "",
) -> Playback:
    """The film whole if the decision allows that, else its preview. Needs a variant with a film.

    One query, for captions; none for a preview, of which chapters tell nothing. The answer to
    `request` will carry the cookie without which the film's addresses are worth nothing; where a
    `token` is given, that stands in them instead, and nothing is handed out.
    """
    if not decision.allowed:
        video = _film_of(variant)
        preview = Source(preview_url(video), layout.content_type(layout.PREVIEW))
        return Playback(video.pk, (preview,), (), "", "", "", preview=True)

    film = _Addresses(_film_of(variant), token or token_for(request, variant, decision))
    return Playback(
        film.video.pk,
        film.sources(),
        film.tracks(variant),
        chapters_url(variant) if has_chapters else "",
        film.of(layout.STORYBOARD) if film.video.plays_as == Video.PlaysAs.LADDER else "",
        reverse("classes:pass", args=[film.video.pk]),
        preview=False,
    )


def mp4_url(request: HttpRequest, variant: Variant, decision: Decision) -> str:
    """The film whole in one file, for a page that has no player. The decision has to allow it.

    As `playback_of`, but without a query.
    """
    token = token_for(request, variant, decision)
    return _Addresses(_film_of(variant), token).sources()[-1].url


def token_for(request: HttpRequest, variant: Variant, decision: Decision) -> str:
    """What opens the film to whoever asks. The decision has to allow it. No query.

    The answer to `request` will carry the cookie without which the token is worth nothing.
    """
    watcher = passes.EVERYONE if decision.reason == Reason.FREE else request.user.pk
    if watcher is None or not decision.allowed:
        raise ValueError(f"{variant} is not for whoever asks")
    film_pass = passes.new_pass(watcher)
    passes.hand_out(request, film_pass)
    return film_pass.token(_film_of(variant).pk)


def preview_url(video: Video) -> str:
    """The public excerpt. Its address changes with it, so that a cache never keeps an old one."""
    return f"{reverse('classes:preview', args=[video.pk])}?v={video.preview_version}"


def chapters_url(variant: Variant) -> str:
    """The chapters of a film as WebVTT, in the language of whoever asks."""
    workout_class = variant.workout_class
    return reverse("classes:chapters", args=[workout_class.slug, variant.tempo, variant.language])


def _film_of(variant: Variant) -> Video:
    if variant.video is None:
        raise ValueError(f"{variant} has no film")
    return variant.video


class _Addresses:
    """The addresses of one film under one token."""

    def __init__(self, video: Video, token: str) -> None:
        self.video = video
        self.token = token

    def of(self, name: str) -> str:
        return reverse("classes:film", args=[self.token, self.video.pk, name])

    def sources(self) -> tuple[Source, ...]:
        names: tuple[str, ...] = (layout.COPY,)
        if self.video.plays_as == Video.PlaysAs.LADDER:
            names = (layout.MASTER_PLAYLIST, layout.FALLBACK)
        return tuple(Source(self.of(name), layout.content_type(name)) for name in names)

    def tracks(self, variant: Variant) -> tuple[Track, ...]:
        reads = primary_subtag(get_language() or "")
        languages = list(variant.captions.values_list("language", flat=True))
        languages.sort(key=lambda language: primary_subtag(language) != reads)
        understands = primary_subtag(variant.language) == reads
        return tuple(
            Track(
                url=reverse("classes:captions", args=[self.token, self.video.pk, language]),
                language=language,
                label=own_name(language),
                is_default=(index == 0 and primary_subtag(language) == reads and not understands),
            )
            for index, language in enumerate(languages)
        )
