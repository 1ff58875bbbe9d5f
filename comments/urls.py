"""Addresses of what is said."""

from django.urls import path

from comments.views import reading, writing

app_name = "comments"

urlpatterns = [
    path("comments/<int:pk>/", reading.permalink, name="permalink"),
    path("classes/<slug:slug>/comments/", writing.post, name="post"),
    path("comments/<int:pk>/edit/", writing.edit, name="edit"),
    path("comments/<int:pk>/remove/", writing.remove, name="remove"),
]
