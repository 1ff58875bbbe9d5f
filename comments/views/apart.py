"""What is said under a class, on a page of its own: see `comments.apart`."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.caching import public_for_visitors
from classes.models import WorkoutClass
from classes.views.former_addresses import moved
from comments.apart import reads_apart


@public_for_visitors
@require_safe
def conversation(request: HttpRequest, slug: str) -> HttpResponse:
    """Whoever reads it in place is sent there: members, and everybody where nothing is apart."""
    visible = WorkoutClass.objects.visible_to(request.user)
    workout_class = visible.for_page().filter(slug=slug).first()
    if workout_class is None:
        former = WorkoutClass.moved_from(slug)
        if former is None or not visible.filter(pk=former.pk).exists():
            raise Http404
        return moved(request, reverse("comments:conversation", args=[former.slug]))
    if not reads_apart(request.user):
        query = request.META.get("QUERY_STRING", "")
        path = workout_class.get_absolute_url()
        # A fragment of the address that was asked for would stay, had this one none.
        return redirect(f"{path}?{query}" if query else f"{path}#comments")
    response = render(request, "comments/conversation.html", {"workout_class": workout_class})
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
