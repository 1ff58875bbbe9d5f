"""Finding again what was said."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from classes.models import WorkoutClass
from comments import apart, threads
from comments.models import Comment


@require_safe
def permalink(request: HttpRequest, pk: int) -> HttpResponse:
    comment = get_object_or_404(
        Comment.objects.select_related("workout_class"),
        pk=pk,
        workout_class__in=WorkoutClass.objects.visible_to(request.user),
    )
    path = apart.path_for(comment.workout_class, request.user)
    address = threads.address_of(comment, request.user, path)
    if address is None:
        raise Http404
    return redirect(address)
