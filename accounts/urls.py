"""Addresses of a person's own pages; sign-in and sign-up are allauth's."""

from allauth.mfa.recovery_codes.views import view_recovery_codes
from allauth.mfa.totp.views import activate_totp
from django.urls import path
from django.views.decorators.cache import never_cache

from accounts.door.passkeys import LoginPasskeyView, ReauthenticatePasskeyView, RemovePasskeyView
from accounts.door.resets import CompleteResetView
from accounts.door.sessions import SessionListView, end_session
from accounts.door.sign_up import ConfirmCodeView
from accounts.views import address, leaving, membership, privacy, profile

app_name = "accounts"

urlpatterns = [
    path("profile/", profile.profile, name="profile"),
    path("membership/", membership.membership, name="membership"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("privacy/exports/", privacy.privacy_exports, name="privacy_exports"),
    path("privacy/exports/<uuid:export_id>/", privacy.privacy_export, name="privacy_export"),
    path("privacy/leave/", leaving.leave, name="leave"),
    path("privacy/leave/stay/", leaving.stay, name="stay"),
    path("sessions/<int:pk>/end/", end_session, name="end_session"),
    path("email/codes/", address.address_codes, name="address_codes"),
    path("email/codes/again/", address.address_codes_again, name="address_codes_again"),
    path("email/stop/", address.address_stop, name="address_stop"),
    # In front of allauth's, which answers at the same addresses.
    path("email/", address.address, name="address"),
    path("sessions/", SessionListView.as_view(), name="sessions"),
    path("confirm-email/", ConfirmCodeView.as_view(), name="confirm_code"),
    path("password/reset/complete/", CompleteResetView.as_view(), name="complete_reset"),
    path("2fa/totp/activate/", never_cache(activate_totp), name="activate_totp"),
    path("2fa/recovery-codes/", never_cache(view_recovery_codes), name="recovery_codes"),
    path("2fa/webauthn/login/", LoginPasskeyView.as_view(), name="passkey_login"),
    path(
        "2fa/webauthn/reauthenticate/",
        ReauthenticatePasskeyView.as_view(),
        name="passkey_reauthenticate",
    ),
    path("2fa/webauthn/keys/<int:pk>/remove/", RemovePasskeyView.as_view(), name="passkey_remove"),
]
