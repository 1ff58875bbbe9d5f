"""What was changed about the way into an account, in the words of the letter that tells it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Words(NamedTuple):
    """With `%(studio_name)s` in both, and in the sentence what else allauth tells of the change."""

    subject: "_StrPromise"
    sentence: "_StrPromise"


# Under the last part of the names by which allauth knows its notifications.
CHANGES: Mapping[str, Words] = {
    "email_changed": Words(
        _("Your address at %(studio_name)s was changed"),
        _("Your account at %(studio_name)s moved from %(from_email)s to %(to_email)s."),
    ),
    "password_changed": Words(
        _("Your password at %(studio_name)s was changed"),
        _("The password of your account at %(studio_name)s was changed."),
    ),
    "password_reset": Words(
        _("You have a new password at %(studio_name)s"),
        _("Your account at %(studio_name)s has a new password."),
    ),
    "password_set": Words(
        _("Your account at %(studio_name)s has a password"),
        _("Your account at %(studio_name)s has a password now."),
    ),
    "recovery_codes_generated": Words(
        _("New recovery codes at %(studio_name)s"),
        _(
            "New recovery codes were made for your account at %(studio_name)s; the old ones no "
            "longer work."
        ),
    ),
    "totp_activated": Words(
        _("A second step at %(studio_name)s"),
        _("From now on your account at %(studio_name)s asks for a code from an authenticator app."),
    ),
    "totp_deactivated": Words(
        _("No second step any more at %(studio_name)s"),
        _("Your account at %(studio_name)s no longer asks for a code from an authenticator app."),
    ),
    "webauthn_added": Words(
        _("A passkey was added at %(studio_name)s"),
        _("A passkey was added to your account at %(studio_name)s."),
    ),
    "webauthn_removed": Words(
        _("A passkey was removed at %(studio_name)s"),
        _("A passkey was removed from your account at %(studio_name)s."),
    ),
}
