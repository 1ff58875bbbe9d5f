"""Addresses of what is taught. They are promises: members save them, instructors paste them."""

from django.urls import path

from accounts.caching import public_for_visitors
from classes.feeds import NewClassesFeed
from classes.views import (
    avoiding,
    catalogue,
    class_page,
    exercises,
    films,
    landing,
    library,
    passes,
    progress,
)

app_name = "classes"

urlpatterns = [
    path("classes/", catalogue.class_list, name="list"),
    path("classes/<slug:slug>/", class_page.class_detail, name="detail"),
    path(
        "classes/<slug:slug>/<slug:tempo>/<slug:language>/",
        class_page.class_detail,
        name="variant",
    ),
    path(
        "classes/<slug:slug>/<slug:tempo>/<slug:language>/chapters.vtt",
        films.chapters,
        name="chapters",
    ),
    path("focus/<slug:slug>/", landing.focus_detail, name="focus"),
    path("instructors/", landing.instructor_list, name="instructors"),
    path("instructors/<slug:slug>/", landing.instructor_detail, name="instructor"),
    path("exercises/", exercises.exercise_list, name="exercises"),
    path("exercises/<slug:slug>/", exercises.exercise_detail, name="exercise"),
    path("my/avoid/", avoiding.my_avoid, name="my_avoid"),
    path("my/progress/<int:variant_id>/", progress.progress, name="progress"),
    path("my/", library.my, name="my"),
    path("my/saved/", library.saved_list, name="my_saved"),
    path("my/saved/<slug:slug>/", library.save, name="save"),
    path("my/history/", library.my_history, name="my_history"),
    path("my/history/clear/", library.clear_history, name="clear_history"),
    path("my/history/pause/", library.pause_history, name="pause_history"),
    path("my/history/<int:pk>/forget/", library.forget, name="forget"),
    path("feed/", public_for_visitors(NewClassesFeed()), name="feed"),
    # The token stands in the path: what a playlist names beside itself is asked for with it.
    path(
        "v/<str:token>/<uuid:video_id>/captions.<slug:language>.vtt",
        films.captions,
        name="captions",
    ),
    path("v/<str:token>/<uuid:video_id>/<str:name>", films.film, name="film"),
    path("v/<uuid:video_id>/preview.mp4", films.preview, name="preview"),
    path("v/<uuid:video_id>/pass", passes.film_pass, name="pass"),
    path("media/<path:path>", films.picture, name="media"),
]
