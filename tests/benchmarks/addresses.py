"""The site's addresses, and one view that does nothing: the unit of what pages cost."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<!doctype html><title>Empty</title>")


urlpatterns = [path("empty/", empty), path("", include("config.urls"))]
