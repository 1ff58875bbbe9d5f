"""The captions of one variant: what there is, and the form that brings in more."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from classes.captioning.webvtt import (
    MAX_BYTES,
    WEBVTT_TYPE,
    CaptionsRefused,
    Fault,
    PlainCue,
    read_captions,
)
from classes.languages import canonical_tag, language_name, validate_language
from classes.models import Captions, Cue, Variant, WorkoutClass
from classes.uploads import refused_uploads

from .film_panel import newest_film

# A file that is wrong throughout is wrong for one reason, which shows in its first lines.
SHOWN_FAULTS = 20


class CaptionsForm(forms.Form):
    """`cues` holds what was read from a file that is right."""

    language = forms.CharField(
        label=_("Language"),
        max_length=12,
        help_text=_(
            "Its tag, for example en, es or pt-BR. "
            "Captions that are there in this language are replaced."
        ),
    )
    # Not required: a file that was stopped on its way in is missing for another reason.
    file = forms.FileField(
        label=_("Captions file"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".vtt,.srt,text/vtt", "required": True}),
        help_text=_("WebVTT or SubRip (.srt), in UTF-8."),
    )

    def __init__(
        self, *args: Any, variant: Variant, refused: dict[str, str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.variant = variant
        self.refused = refused or {}
        self.cues: tuple[PlainCue, ...] = ()

    def clean_language(self) -> str:
        written = self.cleaned_data["language"]
        try:
            return canonical_tag(written)
        except ValueError:
            validate_language(written)  # says what is wrong with it
            raise

    def clean_file(self) -> UploadedFile | None:
        if reason := self.refused.get(self.add_prefix("file")):
            raise ValidationError(reason)
        upload = self.cleaned_data["file"]
        if not upload:
            raise ValidationError(gettext("Choose a file."))
        try:
            # One byte more than may be, so that what is too large is seen to be, and not read.
            self.cues = read_captions(
                upload.read(MAX_BYTES + 1), film_seconds=_film_seconds(self.variant)
            )
        except CaptionsRefused as refusal:
            raise ValidationError(_in_words(refusal.faults)) from None
        return upload


class CaptionPages(admin.ModelAdmin):
    """Adds their addresses to the variant admin."""

    def get_urls(self) -> list[Any]:
        wrap = self.admin_site.admin_view
        here = "<int:pk>/captions/"
        return [
            path(here, wrap(self.captions_view), name="classes_captions"),
            path(
                f"{here}<str:language>.vtt",
                wrap(require_safe(self.captions_file_view)),
                name="classes_captions_file",
            ),
            path(
                f"{here}<str:language>/delete/",
                wrap(self.delete_captions_view),
                name="classes_captions_delete",
            ),
            *super().get_urls(),
        ]

    def captions_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """All captions of a film by language, and the form that adds or replaces one."""
        _require(request, "view")
        variant = _variant_or_404(pk)
        may_bring = all(_may(request, act) for act in ("add", "change"))
        form = CaptionsForm(variant=variant, initial={"language": variant.language})
        if request.method == "POST":
            if not may_bring:
                raise PermissionDenied
            form = CaptionsForm(
                request.POST, request.FILES, variant=variant, refused=refused_uploads(request)
            )
            if form.is_valid():
                self._store(request, form)
                return redirect("admin:classes_captions", pk)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Captions"),
            "subtitle": str(variant),
            "opts": WorkoutClass._meta,
            "original": variant.workout_class,
            "variant": variant,
            "page_address": variant.get_absolute_url() if variant.is_ready else "",
            "captions": variant.captions.defer("text").annotate(cue_count=Count("cues")),
            "form": form,
            "may_bring": may_bring,
            "may_delete": _may(request, "delete"),
        }
        return TemplateResponse(request, "admin/classes/variant/captions.html", context)

    @transaction.atomic
    def _store(self, request: HttpRequest, form: CaptionsForm) -> None:
        language = form.cleaned_data["language"]
        _captions, is_new = Captions.objects.store(
            form.variant, language, form.cues, original_name=str(form.cleaned_data["file"].name)
        )
        sentence = (
            gettext("Captions in %(language)s were brought in: %(variant)s")
            if is_new
            else gettext("Captions in %(language)s were replaced: %(variant)s")
        )
        self._remember(request, form.variant, sentence, language)
        text = ngettext(
            "The captions in %(language)s are in, with %(count)s cue.",
            "The captions in %(language)s are in, with %(count)s cues.",
            len(form.cues),
        )
        figures = {"language": language_name(language), "count": len(form.cues)}
        messages.success(request, text % figures)

    def captions_file_view(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        """The captions as they are kept, to be mended and brought in again."""
        _require(request, "view")
        variant = _variant_or_404(pk)
        captions = get_object_or_404(variant.captions, language=language)
        name = f"{variant.workout_class.slug}.{variant.tempo}.{variant.language}.{language}.vtt"
        response = HttpResponse(captions.text, content_type=WEBVTT_TYPE)
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def delete_captions_view(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        """Ask, and then delete. Sent twice, it has nothing left to do and says so."""
        _require(request, "delete")
        variant = _variant_or_404(pk)
        captions = variant.captions.defer("text").filter(language=language).first()
        if captions is None:
            messages.info(request, gettext("These captions are deleted already."))
            return redirect("admin:classes_captions", pk)
        if request.method == "POST":
            with transaction.atomic():
                captions.delete()
                sentence = gettext("Captions in %(language)s were deleted: %(variant)s")
                self._remember(request, variant, sentence, language)
            text = gettext("The captions in %(language)s are deleted.")
            messages.success(request, text % {"language": language_name(language)})
            return redirect("admin:classes_captions", pk)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Delete captions"),
            "subtitle": str(variant),
            "opts": WorkoutClass._meta,
            "original": variant.workout_class,
            "variant": variant,
            "captions": captions,
        }
        return TemplateResponse(request, "admin/classes/variant/delete_captions.html", context)

    def _remember(
        self, request: HttpRequest, variant: Variant, sentence: str, language: str
    ) -> None:
        """A line in the log of what curators did, and one in the history of the class."""
        said = sentence % {"language": language_name(language), "variant": variant}
        workout_class = variant.workout_class
        workout_class._change_reason = Truncator(said).chars(100)  # type: ignore[attr-defined]
        workout_class.save(update_fields=["updated_at"])
        self.log_change(request, workout_class, said)


class CuesUnlisted(admin.ModelAdmin):
    """Before a page is deleted, cues are counted among what goes, and not listed by the hundred."""

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        listed, *others = super().get_deleted_objects(objs, request)
        return _without_cues(listed), *others


def _without_cues(listed: list[Any]) -> list[Any]:
    """A nested list, as Django writes it out, of rows by kind and name."""
    cue = f"{capfirst(Cue._meta.verbose_name)}: "
    nested = (_without_cues(each) if isinstance(each, list) else each for each in listed)
    return [each for each in nested if each and not str(each).startswith(cue)]


def _variant_or_404(pk: int) -> Variant:
    return get_object_or_404(Variant.objects.select_related("workout_class", "video"), pk=pk)


def _may(request: HttpRequest, act: str) -> bool:
    return request.user.has_perm(f"classes.{act}_captions")


def _require(request: HttpRequest, act: str) -> None:
    if not _may(request, act):
        raise PermissionDenied


def _film_seconds(variant: Variant) -> float | None:
    """The length of the film that plays or of the one that was brought in last, the longer one.

    Captions for a new cut are often there before its renditions are.
    """
    newest = newest_film(variant)
    lengths = [film.duration for film in (variant.video, newest) if film and film.duration]
    return max(lengths).total_seconds() if lengths else None


def _in_words(faults: tuple[Fault, ...]) -> list[str]:
    sentences = [_in_a_sentence(fault) for fault in faults[:SHOWN_FAULTS]]
    more = len(faults) - SHOWN_FAULTS
    if more > 0:
        text = ngettext("And %(count)s more like these.", "And %(count)s more like these.", more)
        sentences.append(text % {"count": more})
    return sentences


def _in_a_sentence(fault: Fault) -> str:
    if not fault.line:
        return fault.in_words()
    figures = {"line": fault.line, "fault": fault.in_words()}
    return gettext("Line %(line)s: %(fault)s") % figures
