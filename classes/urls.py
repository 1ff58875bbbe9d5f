"""Addresses of what is taught. They are promises: members save them, instructors paste them."""

from django.urls import path

from accounts.caching import public_for_visitors
from classes.feeds import NewClassesFeed
from classes.views import catalogue, class_page, films, landing

app_name = "classes"

urlpatterns = [
    path("classes/", catalogue.class_list, name="list"),
    path("classes/<slug:slug>/", class_page.class_detail, name="detail"),
    path(
        "classes/<slug:slug>/<slug:tempo>/<slug:language>/",
        class_page.class_detail,
        name="variant",
    ),
    path("focus/<slug:slug>/", landing.focus_detail, name="focus"),
    path("instructors/", landing.instructor_list, name="instructors"),
    path("instructors/<slug:slug>/", landing.instructor_detail, name="instructor"),
    path("feed/", public_for_visitors(NewClassesFeed()), name="feed"),
    path("v/<uuid:video_id>/film.mp4", films.film, name="film"),
    path("v/<uuid:video_id>/preview.mp4", films.preview, name="preview"),
    path("media/<path:path>", films.picture, name="media"),
]
