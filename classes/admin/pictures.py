"""Posters and portraits that a curator uploads."""

import shutil
from functools import partial
from typing import IO, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from classes.models import Picture
from classes.models.video import pictures_folder
from classes.video.errors import PictureRefused
from classes.video.pictures import make_renditions, open_picture

from .leftovers import Made


class PictureField(forms.FileField):
    """Takes what can be read as a picture; everything else is refused in words."""

    widget = forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/avif"})

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault(
            "help_text",
            _("JPEG, PNG, WebP or AVIF. Where a phone took it is not kept."),
        )
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> UploadedFile | None:
        upload = super().clean(data, initial)
        if not upload:
            return None
        try:
            open_picture(_content(upload))
        except PictureRefused as refusal:
            raise ValidationError(refusal.in_words()) from None
        return upload


def keep_picture(upload: UploadedFile) -> Picture:
    """Make the picture in all sizes and remember it. Costs about two seconds of CPU."""
    made = make_renditions(_content(upload), pictures_folder())
    return Picture.objects.create(
        pk=made.name, width=made.width, height=made.height, widths=list(made.widths)
    )


def _content(upload: UploadedFile) -> IO[bytes]:
    content = cast("IO[bytes]", upload.file)
    content.seek(0)
    return content


def discard_picture(picture: Picture | None) -> None:
    """Delete a picture that nothing shows any longer, its files once that is certain."""
    if picture is None:
        return
    folder = picture.folder
    picture.delete()
    transaction.on_commit(partial(shutil.rmtree, folder, ignore_errors=True))


class WithPicture(forms.ModelForm):
    """A form for a page that may have a picture of its own: upload another, or take it away."""

    picture_field: str

    upload = PictureField(label=_("New picture"))
    remove_picture = forms.BooleanField(label=_("Take this picture away"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.picture_before: Picture | None = getattr(self.instance, self.picture_field)
        if self.picture_before is None:
            self.fields.pop("remove_picture", None)

    def exchange_picture(self, made: list[Made]) -> None:
        """Put what was uploaded in the place of the old picture; call it before saving.

        Adds the folder that it made to `made`.
        """
        if upload := self.cleaned_data.get("upload"):
            picture = keep_picture(upload)
            made.append(picture.folder)
            setattr(self.instance, self.picture_field, picture)
        elif self.cleaned_data.get("remove_picture"):
            setattr(self.instance, self.picture_field, None)

    def discard_old_picture(self) -> None:
        """Delete the picture that was exchanged; call it after saving."""
        if getattr(self.instance, self.picture_field) != self.picture_before:
            discard_picture(self.picture_before)
