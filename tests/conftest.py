"""What every test stands on: a quick hasher, an empty cache, folders of its own."""

from pathlib import Path

import hypothesis
import pytest
import zeal
from django.conf import settings as django_settings
from django.core.cache import caches
from django.core.files.storage import storages
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test import TransactionTestCase
from django.test.client import ClientHandler
from zeal.constants import initialize_app_registry
from zeal.patch import patch

from classes.models import Video
from comments import rendering

# As it is by default, in CI too, but for the clock: on a busy machine any example may be slow.
hypothesis.settings.register_profile("untimed", hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--second-database",
        action="store_true",
        help="leave out what may touch no database, and has passed where it ran on the first",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("second_database"):
        config.hook.pytest_deselected(items=[item for item in items if not may_touch(item)])
        items[:] = [item for item in items if may_touch(item)]


def may_touch(item: pytest.Item) -> bool:
    """Whether this test may reach the database at all: all others fail when they try."""
    return (
        item.get_closest_marker("django_db") is not None
        or issubclass(getattr(item, "cls", None) or object, TransactionTestCase)
        # What a fixture asks for stands among these too.
        or not {"db", "transactional_db", "live_server", "django_db_setup"}.isdisjoint(
            getattr(item, "fixturenames", ())
        )
    )


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory
) -> None:
    """SQLite in a file, as in production.

    In memory all threads would share one connection, and the browser's requests one transaction.
    """
    for database in django_settings.DATABASES.values():
        if database["ENGINE"] == "django.db.backends.sqlite3":
            folder = tmp_path_factory.mktemp("database")
            database.setdefault("TEST", {})["NAME"] = str(folder / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """What migrations put into the database, within reach of every connection.

    Django keeps it on the one that made the tables, for `serialized_rollback`. Playwright's event
    loop gives the tests after it another one, which would find nothing to bring back.
    """
    for connection in connections.all():
        if hasattr(connection, "_test_serialized_contents"):  # if a test that runs will ask for it
            type(connection)._test_serialized_contents = connection._test_serialized_contents


@pytest.fixture(autouse=True)
def quick_and_apart(settings, tmp_path: Path, monkeypatch) -> None:
    """Files go to the test's own folder; tasks wait until a test runs them."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.HOLD_FIRST_COMMENTS = False  # most tests are about what is read, and have new members
    settings.VAR_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.FILMS_ROOT = tmp_path / "films"
    settings.MASTERS_ROOT = tmp_path / "masters"
    settings.STORAGES = {
        **settings.STORAGES,
        "masters": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "masters", "base_url": None},
        },
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    # The field asked for its storage once, when the models were loaded.
    monkeypatch.setattr(Video._meta.get_field("master"), "storage", storages["masters"])
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "uploads"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        "fragments": {
            "BACKEND": "config.fragments.FragmentCache",
            "LOCATION": "fragments",
        },
    }
    for cache in caches.all():
        cache.clear()
    rendering.forget_pages()


@pytest.fixture(scope="session")
def zeal_patched() -> None:
    """Lets zeal see what is read. The site itself never has it installed."""
    initialize_app_registry()
    patch()


@pytest.fixture(autouse=True)
def no_query_per_row(zeal_patched, settings, monkeypatch) -> None:
    """Fails a request of the test client that reads one row after another.

    Only requests are watched: a test may make and read its rows as it likes.
    """
    # Signing out looks at its one session more than once, in Django and in allauth.
    settings.ZEAL_ALLOWLIST = [{"model": "sessions.Session"}]
    get_response = ClientHandler.get_response

    def watched(handler: ClientHandler, request: HttpRequest) -> HttpResponse:
        with zeal.zeal_context():
            return get_response(handler, request)

    monkeypatch.setattr(ClientHandler, "get_response", watched)
