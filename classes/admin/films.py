"""Films as curators bring them in: a row of the class's form for each variant."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from classes.languages import canonical_tag
from classes.models import State, Variant, Video
from classes.uploads import refused_uploads
from classes.video.clearing import remove_files
from classes.video.probe import NO_FILM

from .film_panel import film_panel, newest_film, with_films

HEAD_BYTES = 16
# What the containers that we open begin with. Only a first look, so that a wrong choice is said
# in the form: the task judges the whole file.
_BEGINNINGS = {
    4: (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"),  # MP4, MOV
    0: (b"\x1a\x45\xdf\xa3", b"RIFF", b"\x47"),  # MKV and WebM, AVI, MPEG-TS
}


def begins_like_a_film(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a container that films come in."""
    return any(
        head[offset:].startswith(beginning)
        for offset, beginnings in _BEGINNINGS.items()
        for beginning in beginnings
    )


class FilmField(forms.FileField):
    widget = forms.FileInput(attrs={"accept": "video/*,.mkv,.ts", "data-film-upload": ""})

    def clean(self, data: Any, initial: Any = None) -> UploadedFile | None:
        upload = super().clean(data, initial)
        if not upload:
            return None
        head = upload.read(HEAD_BYTES)
        upload.seek(0)
        if not begins_like_a_film(head):
            raise ValidationError(gettext(NO_FILM))
        return upload


class VariantForm(forms.ModelForm):
    film = FilmField(
        label=_("New film"),
        required=False,
        help_text=_("The old film plays on until the new one is ready."),
    )

    class Meta:
        model = Variant
        fields = ("tempo", "language")

    def __init__(self, *args: Any, refused: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refused = refused or {}
        newest = newest_film(self.instance) if self.instance.pk else None
        if newest is None:
            self.fields["film"].label = _("Film")
            self.fields["film"].help_text = ""
        # Written `PT-br` as often as `pt-BR`: the form knows what is meant.
        self.fields["language"].help_text = _("Its tag, for example en, es or pt-BR.")

    def clean_language(self) -> str:
        language = self.cleaned_data["language"]
        try:
            return canonical_tag(language)
        except ValueError:
            return language  # the model's validator says what is wrong with it

    def clean_film(self) -> UploadedFile | None:
        if reason := self.refused.get(self.add_prefix("film")):
            raise ValidationError(reason)
        return self.cleaned_data["film"]

    def has_changed(self) -> bool:
        # A film that was stopped on its way in is not in the data, and still was an intention.
        return super().has_changed() or self.add_prefix("film") in self.refused


class VariantFormSet(forms.BaseInlineFormSet):
    """A class that is public keeps a film."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors) or self.instance.state != State.PUBLISHED or not self.instance.pk:
            return
        ready = {form.instance for form in self.initial_forms if form.instance.is_ready}
        if ready and ready <= {form.instance for form in self.deleted_forms}:
            raise ValidationError(
                gettext("A published class needs a film: retire it before you take the last away.")
            )


class VariantInline(admin.StackedInline):
    model = Variant
    form = VariantForm
    formset = VariantFormSet
    extra = 1
    fields = ("state_of_film", ("tempo", "language"), "film")
    readonly_fields = ("state_of_film",)
    verbose_name_plural = _("films: one for each tempo and language")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return with_films(super().get_queryset(request))

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        refused = refused_uploads(request)

        class BoundFormSet(formset):  # type: ignore[misc, valid-type]
            def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
                return {**super().get_form_kwargs(index), "refused": refused}

        return BoundFormSet

    @admin.display(description=_("film"))
    def state_of_film(self, variant: Variant | None) -> SafeString | str:
        if variant is None or variant.pk is None:
            return gettext("For a film in another tempo or language.")
        return film_panel(variant)


def discard_films(videos: Iterable[Video]) -> None:
    """Delete from the disk what belongs to films whose rows are gone, once that is certain."""
    gone = list(videos)
    transaction.on_commit(lambda: remove_files(gone))
