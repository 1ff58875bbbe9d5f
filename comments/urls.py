"""Addresses of what is said."""

from django.urls import path

from comments import views

app_name = "comments"

urlpatterns = [
    path("comments/<int:pk>/", views.permalink, name="permalink"),
    path("classes/<slug:slug>/comments/", views.post, name="post"),
    path("comments/<int:pk>/edit/", views.edit, name="edit"),
    path("comments/<int:pk>/remove/", views.remove, name="remove"),
]
