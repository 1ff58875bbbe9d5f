"""Who may keep a page."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.urls import path

from accounts.caching import public_for_visitors

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@public_for_visitors
def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("the same for everyone")


@public_for_visitors
def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(get_token(request))


@public_for_visitors
def lost(request: HttpRequest) -> HttpResponse:
    return HttpResponse("nothing here", status=404)


def own(request: HttpRequest) -> HttpResponse:
    return HttpResponse("nobody else's")


urlpatterns = [path(f"{view.__name__}/", view) for view in (page, form, lost, own)]


def test_public_page_of_a_visitor_may_be_kept(client):
    response = client.get("/page/")

    assert response["Cache-Control"] == "public, s-maxage=60"
    assert {"Cookie", "Accept-Language", "HX-Request"} <= set(response["Vary"].split(", "))


def test_public_page_asked_with_any_cookie_may_not(client):
    client.cookies["language"] = "es"

    response = client.get("/page/")

    assert response["Cache-Control"] == "private, no-cache"
    assert "Cookie" in response["Vary"]


@pytest.mark.parametrize("path", ["/form/", "/lost/", "/own/"])
def test_other_pages_may_not_be_kept(client, path):
    assert client.get(path)["Cache-Control"] == "private, no-cache"


def test_answer_to_a_post_may_not_be_kept(client):
    assert client.post("/page/")["Cache-Control"] == "private, no-cache"
