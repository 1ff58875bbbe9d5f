"""Addresses of a person's own pages; sign-in and sign-up are allauth's."""

from django.urls import path

from accounts.sessions import SessionListView
from accounts.views import membership, profile

app_name = "accounts"

urlpatterns = [
    path("profile/", profile.profile, name="profile"),
    path("membership/", membership.membership, name="membership"),
    # In front of allauth's, which answers at the same address.
    path("sessions/", SessionListView.as_view(), name="sessions"),
]
