"""What a person says about themselves."""

import struct
from functools import partial
from typing import Any
from uuid import uuid4

from allauth.account import forms as allauth_forms
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.webauthn import forms as passkey_forms
from django import forms
from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from accounts.avatars import make_avatar
from accounts.models import Member
from accounts.names import MAX_LENGTH, MIN_LENGTH, clean_display_name
from accounts.time_zones import grouped_time_zones, is_time_zone

_PASSKEY_NAME_LENGTH = 60
_PASSWORD_HELP = _("At least 10 characters. A sentence is easier to remember than a riddle.")


class _OnePassword:
    """Asks for a new password once: it can be shown, which tells a slip better than a repeat."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields: dict[str, forms.Field]
        self.fields.pop("password2", None)
        if "password1" in self.fields:  # who joins with a passkey chooses none
            self.fields["password1"].help_text = _PASSWORD_HELP


class LoginForm(allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail")
        # For password managers; browsers offer passkeys in the same field.
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"
        # The page has the way out of a forgotten password beside its button.
        self.fields["password"].help_text = ""


class SignupForm(_OnePassword, allauth_forms.SignupForm):
    display_name = forms.CharField(
        label=_("Display name"),
        help_text=_("What others read beside your comments."),
        min_length=MIN_LENGTH,
        max_length=MAX_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    # Filled in by the browser, where there is JavaScript; without it the studio's zone serves.
    time_zone = forms.CharField(
        required=False, widget=forms.HiddenInput(attrs={"data-time-zone": ""})
    )
    field_order = ["email", "display_name", "password1"]
    account_already_exists: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")
        self.fields["email"].help_text = _("Nobody else will see it.")

    def clean_display_name(self) -> str:
        return clean_display_name(self.cleaned_data["display_name"])

    def clean_time_zone(self) -> str:
        name = self.cleaned_data["time_zone"]
        return name if is_time_zone(name) else ""

    def try_save(self, request: HttpRequest) -> Any:
        if self.account_already_exists:
            self._make_one_for_nobody(request)
            return super().try_save(request)
        try:
            with transaction.atomic():
                return super().try_save(request)
        except IntegrityError:
            # The same form, sent twice at once, got there first.
            self.account_already_exists = True
            return super().try_save(request)

    def _make_one_for_nobody(self, request: HttpRequest) -> None:
        """Do the work of a new account and undo it, the password's hash included.

        Otherwise the time of the answer would tell which addresses have an account.
        """
        address = self.cleaned_data["email"]
        self.cleaned_data["email"] = f"{uuid4().hex}@nobody.invalid"
        self.account_already_exists = False
        with transaction.atomic():
            super().try_save(request)
            transaction.set_rollback(True)
        self.account_already_exists = True
        self.cleaned_data["email"] = address


class ResetPasswordForm(allauth_forms.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")


class ChangePasswordForm(_OnePassword, allauth_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")
        self.fields["password1"].label = _("New password")


class SetPasswordForm(_OnePassword, allauth_forms.SetPasswordForm):
    pass


class ResetPasswordKeyForm(_OnePassword, allauth_forms.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")


class _OddAnswers:
    """Refuses what no browser sends in words.

    allauth and fido2 read the answer as they go, and stumble where a part is missing or of
    another kind.
    """

    _STUMBLES = (
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
        struct.error,
    )

    def clean(self) -> Any:
        try:
            return super().clean()  # type: ignore[misc]
        except self._STUMBLES as stumble:
            raise get_mfa_adapter().validation_error("incorrect_code") from stumble


class _NamedPasskey(_OddAnswers):
    """The name that a passkey is told apart by."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields: dict[str, forms.Field]
        name = self.fields["name"]
        name.label = _("Name")
        name.max_length = _PASSKEY_NAME_LENGTH
        name.validators.append(MaxLengthValidator(_PASSKEY_NAME_LENGTH))
        name.widget.attrs["maxlength"] = _PASSKEY_NAME_LENGTH


class SignUpPasskeyForm(_NamedPasskey, passkey_forms.SignupWebAuthnForm):
    pass


class EditPasskeyForm(_NamedPasskey, passkey_forms.EditWebAuthnForm):
    pass


class _UsedPasskey(_OddAnswers):
    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except self._STUMBLES as stumble:
            raise get_mfa_adapter().validation_error("incorrect_code") from stumble


class LoginPasskeyForm(_UsedPasskey, passkey_forms.LoginWebAuthnForm):
    pass


class SecondStepPasskeyForm(_UsedPasskey, passkey_forms.AuthenticateWebAuthnForm):
    pass


class ReauthenticatePasskeyForm(_UsedPasskey, passkey_forms.ReauthenticateWebAuthnForm):
    pass


class AddPasskeyForm(_NamedPasskey, passkey_forms.AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        alone = self.fields["passwordless"]
        alone.label = _("It signs me in alone, without a password")
        alone.help_text = _(
            "It will ask for your finger, your face or a PIN. Otherwise it is a second step, "
            "after the password."
        )
        alone.initial = True


class ProfileForm(forms.ModelForm):
    """Name, picture, language and clock. `instance` should be a copy: it takes what was typed."""

    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_("A JPEG, PNG or WebP of up to 10 MB. We cut it square and keep nothing else."),
        widget=forms.FileInput(attrs={"accept": "image/*"}),
    )
    remove_picture = forms.BooleanField(label=_("Remove my picture"), required=False)
    field_order = ["display_name", "picture", "remove_picture", "language", "time_zone"]

    class Meta:
        model = Member
        fields = ["display_name", "language", "time_zone"]
        widgets = {
            "display_name": forms.TextInput(
                attrs={"autocomplete": "nickname", "minlength": MIN_LENGTH}
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"] = forms.ChoiceField(
            label=_("Language of this site"),
            required=False,
            choices=[
                ("", _("What my browser asks for")),
                *(
                    (code, capfirst(get_language_info(code)["name_local"]))
                    for code, _n in settings.LANGUAGES
                ),
            ],
        )
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"),
            required=False,
            help_text=_("Dates and times are shown by this clock."),
            choices=[
                ("", _("The studio’s: %(zone)s") % {"zone": settings.TIME_ZONE}),
                *grouped_time_zones(),
            ],
        )
        if not self.instance.avatar:
            del self.fields["remove_picture"]

    def clean_display_name(self) -> str:
        return clean_display_name(self.cleaned_data["display_name"], self.instance.pk)

    def clean_picture(self) -> Any:
        upload = self.cleaned_data["picture"]
        return make_avatar(upload) if upload else None

    def save(self, commit: bool = True) -> Member:
        """Store the profile. A new picture takes the place of the old one, whose file goes."""
        member = super().save(commit=False)
        if not self.has_changed():
            return member
        storage = member.avatar.storage
        picture = self.cleaned_data["picture"]
        with transaction.atomic():
            # Under the row's lock, so that of two pictures sent at once neither file is orphaned.
            former = Member.objects.select_for_update().get(pk=member.pk).avatar.name
            if picture:
                member.avatar.save(picture.name, picture, save=False)
            elif self.cleaned_data.get("remove_picture"):
                member.avatar = ""
            else:
                member.avatar = former
            member.save(update_fields=["display_name", "avatar", "language", "time_zone"])
            if former and former != member.avatar.name:
                transaction.on_commit(partial(storage.delete, former))
        return member
