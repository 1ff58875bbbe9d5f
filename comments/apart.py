"""A conversation on a page of its own, out of search engines' reach (`COMMENTS_NOINDEX`).

People tell under a class what hurts. A studio may want none of that found by a name. Then visitors
without an account find the class page without it, and a link to a page that no search engine
keeps; members read it in place.
"""

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from accounts.models import Member
from classes.models import WorkoutClass


def reads_apart(reader: Member | AnonymousUser) -> bool:
    """Whether the class page leaves the conversation out for this reader."""
    return settings.COMMENTS_NOINDEX and not reader.is_authenticated


def path_for(workout_class: WorkoutClass, reader: Member | AnonymousUser) -> str:
    """Where this reader finds what is said under a class."""
    if reads_apart(reader):
        return reverse("comments:conversation", args=[workout_class.slug])
    return workout_class.get_absolute_url()
