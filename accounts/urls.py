"""Addresses of a person's own pages; sign-in and sign-up are allauth's."""

from django.urls import path

from accounts import views
from accounts.sessions import SessionListView

app_name = "accounts"

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    # In front of allauth's, which answers at the same address.
    path("sessions/", SessionListView.as_view(), name="sessions"),
]
