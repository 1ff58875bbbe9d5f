"""What a first visit brings over the line, pictures and films left aside."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command

from classes.models import Picture, Variant
from tests.factories import make_video

pytestmark = pytest.mark.django_db

KB = 1024
HTMX = "/django_htmx/htmx"
BACK_PAIN = "/classes/slow-gentle-mat-for-back-pain/"


@pytest.fixture
def studio(monkeypatch, settings, tmp_path: Path) -> None:
    """The demo with all its cards, comments and posters, as rows: nobody loads a picture here."""
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr("comments.management.commands.load_demo.draw_portraits", dict)
    call_command("load_demo", without_films=True, verbosity=0)
    for variant in Variant.objects.all():
        poster = Picture.objects.create(width=1280, height=720, widths=[320, 640, 960, 1280])
        variant.video = make_video(variant, poster=poster)
        variant.save()


@pytest.fixture
def collected(settings, tmp_path: Path) -> None:
    """Static files as a server has them: hashed, in one sheet, compressed."""
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "config.static.LeanStorage"},
    }
    elsewhere = ["admin", "import_export", "mfa", "usersessions"]
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=elsewhere)


class Asked(HTMLParser):
    """The addresses that a browser asks for because of a page, but its pictures and films."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "link" and attributes["rel"] in {"stylesheet", "preload", "modulepreload"}:
            self.addresses.append(attributes["href"] or "")
        if tag in {"script", "iframe"} and attributes.get("src"):
            self.addresses.append(attributes["src"] or "")


def weight(address: str) -> int:
    """Bytes of a static file, gzipped where that was worth it."""
    path = django_settings.STATIC_ROOT / address.removeprefix(django_settings.STATIC_URL)
    compressed = path.with_name(f"{path.name}.gz")
    return (compressed if compressed.exists() else path).stat().st_size


def visit(client, address: str, language: str = "en") -> tuple[int, dict[str, int]]:
    """The weight of a page, and of everything that it asks for."""
    headers = {"accept-language": language}
    page = client.get(address, headers=headers).content.decode()
    assert "/static/" in page

    compressed = client.get(address, headers={**headers, "accept-encoding": "gzip"})
    assert compressed["Content-Encoding"] == "gzip"
    return len(compressed.content), {url: weight(url) for url in Asked(page).addresses}


def test_first_visit_is_light(client, studio, collected):
    catalogue, of_catalogue = visit(client, "/classes/")
    in_spanish, _files = visit(client, "/classes/", "es")
    class_page, of_class_page = visit(client, BACK_PAIN)
    own_scripts = {
        url: size
        for url, size in (of_catalogue | of_class_page).items()
        if url.endswith(".js") and HTMX not in url
    }

    assert max(catalogue, in_spanish) <= 8 * KB
    assert catalogue + sum(of_catalogue.values()) <= 40 * KB
    assert 1 + len(of_catalogue) <= 5
    assert class_page <= 14 * KB
    assert class_page + sum(of_class_page.values()) <= 50 * KB
    assert 1 + len(of_class_page) <= 5
    assert 0 < sum(own_scripts.values()) <= 6 * KB
