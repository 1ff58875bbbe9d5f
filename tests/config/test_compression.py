"""What is compressed on the way out."""

import io

import pytest
from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import path

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("<p>All the same</p>" * 100)


def film(request: HttpRequest) -> FileResponse:
    return FileResponse(io.BytesIO(b"frame" * 100), content_type="video/mp4")


urlpatterns = [path("page/", page), path("film/", film)]


def test_pages_are_compressed(client):
    response = client.get("/page/", headers={"accept-encoding": "gzip"})

    assert response["Content-Encoding"] == "gzip"
    assert len(response.content) < 500


def test_films_keep_their_bytes_and_their_length(client):
    response = client.get("/film/", headers={"accept-encoding": "gzip"})

    assert "Content-Encoding" not in response
    assert response["Content-Length"] == "500"
    assert b"".join(response) == b"frame" * 100
