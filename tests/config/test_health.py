"""What machines ask."""

import pytest
from django.db import OperationalError

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_plain_and_never_kept(client, path):
    response = client.get(path)

    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain")
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies


def test_process_is_well_without_a_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200


def test_lost_database_is_named(client, monkeypatch):
    def away() -> None:
        raise OperationalError("connection to db.internal refused")

    monkeypatch.setattr("config.health.connection.cursor", away)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.content.decode() == "The database cannot be reached.\n"


def test_forgetful_cache_is_named(client, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

    response = client.get("/readyz")

    assert response.status_code == 503
    assert "shared cache" in response.content.decode()


def test_folder_that_cannot_be_written_to_is_named(client, settings, tmp_path):
    settings.FILMS_ROOT = tmp_path / "films"
    settings.FILMS_ROOT.write_text("a file where the folder should be")

    response = client.get("/readyz")

    assert response.status_code == 503
    assert "cannot be written to" in response.content.decode()


def test_health_takes_no_post(client):
    assert client.post("/healthz").status_code == 405
