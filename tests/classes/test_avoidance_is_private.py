"""What somebody keeps as avoided is theirs: no page, no cache and no log gives it to others.

The words in which a set is said to its member are looked for on everybody else's pages; its slugs
in addresses and fields, everywhere.
"""

import logging
import re
from itertools import permutations
from urllib.parse import unquote

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from classes.body.avoiding import keep
from classes.models import WorkoutClass
from config.logs import DiscreetFormatter
from tests.factories import (
    make_chapter,
    make_class,
    make_exercise,
    make_focus_tag,
    make_instructor,
    make_member,
    make_membership,
    make_movement,
)

pytestmark = pytest.mark.django_db

PAGES = [
    *("/", "/classes/", "/classes/?level=beginner", "/classes/?q=mat", "/focus/calm/"),
    *("/instructors/ana/", "/exercises/", "/exercises/saw/", "/classes/mat/", "/classes/wall/"),
]
HTMX = {"HX-Request": "true"}
# The catalogue answers htmx with a part of its page.
ASKED = [(path, {}) for path in PAGES] + [(path, HTMX) for path in PAGES if "/classes/?" in path]
each_page = pytest.mark.parametrize(("path", "part"), [*ASKED, ("/classes/", HTMX)])


class Studio:
    """Two members who avoid different movements, a third who avoids nothing, and classes."""

    def __init__(self) -> None:
        twisting = make_movement(slug="twisting", name="Twisting", names={"es": "Torsión"})
        jumping = make_movement(slug="jumping", name="Jumping", names={"es": "Saltos"})
        calm = make_focus_tag(slug="calm", name="Calm")
        ana = make_instructor(slug="ana", name="Ana")
        saw = make_exercise(slug="saw", name="Saw", movements=[twisting])
        trot = make_exercise(slug="trot", name="Trot", movements=[jumping])
        for slug, exercise in (("mat", saw), ("wall", trot), ("chair", None)):
            made = make_class(slug=slug, title=f"Mat {slug}", focus_tags=[calm], instructors=[ana])
            if exercise:
                make_chapter(made.variants.get(), 0, 60, exercise=exercise)
        WorkoutClass.objects.update(checked_by=make_member(), checked_at=timezone.now())
        self.twists, self.jumps = self.browser("twisting"), self.browser("jumping")
        self.member, self.visitor = self.browser(), Client()

    def browser(self, *slugs: str) -> Client:
        member, client = make_member(), Client()
        make_membership(member)
        keep(member, slugs)
        client.force_login(member)
        return client


@pytest.fixture
def studio() -> Studio:
    return Studio()


def asked(client: Client, path: str, language: str, **headers: str) -> str:
    response = client.get(path, headers={"Accept-Language": language, **headers})
    assert response.status_code == 200
    return without_tokens(response.text)


def without_tokens(text: str) -> str:
    """Less what is drawn anew for every form and film, and the moment."""
    text = re.sub(r'name="(csrfmiddlewaretoken|submission)" value="[^"]*"', "", text)
    text = re.sub(r'data-now="[^"]*"', "", text)
    return re.sub(r"/v/[^/\"]+/", "/v/-/", text)


@each_page
def test_everybody_gets_their_own_page_whoever_came_before(studio, path, part):
    """What is kept is made by one of them in turn, and then read by all."""
    askers = [
        *((studio.twists, "en"), (studio.jumps, "es"), (studio.member, "en")),
        *((studio.visitor, "en"), (studio.visitor, "es"), (studio.twists, "es")),
    ]
    own = {}
    for asker in askers:
        caches["fragments"].clear()
        own[asker] = asked(asker[0], path, asker[1], **part)

    for first in askers:
        caches["fragments"].clear()
        asked(first[0], path, first[1], **part)
        for asker in askers:
            assert asked(asker[0], path, asker[1], **part) == own[asker]


@pytest.mark.parametrize("path", PAGES)
def test_page_with_a_members_set_may_be_kept_by_nobody(studio, path):
    for client in (studio.twists, studio.member):
        for headers in ({}, HTMX):
            response = client.get(path, headers=headers)

            assert response["Cache-Control"] == "private, no-cache"
            assert "ETag" not in response
            assert "Last-Modified" not in response


@pytest.mark.parametrize("path", PAGES)
def test_cache_in_front_tells_visitors_from_members_and_languages(studio, path):
    response = studio.visitor.get(path)

    varies = {name.strip().lower() for name in response["Vary"].split(",")}
    assert {"cookie", "accept-language", "hx-request"} <= varies
    assert not response.cookies


# What a page sends on: addresses, and fields other than the boxes that are not ticked.
_ADDRESS = re.compile(r'(?:href|action|src|content|hx-[a-z]+|value|data-[a-z-]+)="([^"]*)"')
_BOX = re.compile(r'<input type="checkbox" name="avoid" value="[^"]*"(?P<state>[^>]*)>')


@each_page
def test_set_stands_in_no_address_and_in_no_field(studio, path, part):
    # Of what the address avoids itself, nothing is said of the rest.
    for query in ("", "avoid=none"):
        response = studio.twists.get(f"{path}{'&' if '?' in path else '?'}{query}", headers=part)

        assert not any("checked" in box["state"] for box in _BOX.finditer(response.text))
        page = _BOX.sub("", response.text)
        for value in _ADDRESS.findall(page):
            assert "twisting" not in unquote(value).lower(), value
        for name, value in response.items():
            assert "twisting" not in unquote(value).lower(), name


def test_address_that_avoids_something_else_says_nothing_of_the_set(studio):
    page = studio.twists.get("/classes/", {"avoid": "jumping"}).text

    values = _ADDRESS.findall(_BOX.sub("", page))
    assert any("avoid=jumping" in value for value in values)
    assert not any("twisting" in value for value in values)


def test_set_is_in_nothing_that_is_kept(studio):
    """Every value in the process's memory, whatever it is kept for."""
    caches["fragments"].clear()
    caches["default"].clear()
    for path in PAGES:
        for headers in ({}, HTMX):
            studio.twists.get(path, headers=headers)
    mine = contents_of_caches()

    for cache in caches.all():
        cache.clear()
    for path in PAGES:
        for headers in ({}, HTMX):
            studio.member.get(path, headers=headers)
    nobodys = contents_of_caches()

    # A shorter list may leave a card out, and a timeline with marks is kept for nobody.
    assert mine
    assert all(nobodys.get(key, value) == value for key, value in mine.items())
    assert not any(b"avoid=" in value for value in mine.values())


def contents_of_caches() -> dict[str, bytes]:
    return {key: value for cache in caches.all() for key, value in cache._cache.items()}


def test_log_says_nothing_of_a_set_however_it_came(studio, caplog):
    """Nor does a form that is refused: its body is nobody's business either."""
    caplog.set_level(logging.DEBUG)
    client = Client(enforce_csrf_checks=True)
    client.cookies = studio.twists.cookies
    for path in ("/classes/", "/classes/mat/", "/no/such/page/", "/my/avoid/"):
        client.get(path, {"avoid": "twisting"})
    referer = "http://elsewhere.example/classes/?avoid=twisting"
    client.post("/my/avoid/", {"avoid": "twisting"}, headers={"Referer": referer}, secure=True)
    studio.twists.post(reverse("classes:my_avoid"), {"avoid": ["twisting", "jumping"]})

    formatter = DiscreetFormatter("{levelname} {name}: {message}", style="{")
    # SQL is printed where somebody asks for it while developing, and nowhere else.
    lines = [formatter.format(r) for r in caplog.records if not r.name.startswith("django.db")]
    assert any("elsewhere.example" in line or "Forbidden" in line for line in lines)
    assert not any("twisting" in line for line in lines)


@pytest.mark.parametrize("order", list(permutations(["twisting", "jumping", "none"])))
def test_set_is_lifted_only_by_none_alone(studio, order):
    """Given twice, or with what means nothing, the movements count."""
    page = studio.twists.get("/classes/", {"avoid": [*order, *order, "", "' --", "TWISTING"]}).text

    assert 'href="/classes/chair/' in page
    assert 'href="/classes/mat/' not in page
    assert 'href="/classes/wall/' not in page


@pytest.mark.parametrize("junk", ["", "TWISTING", "twisting\0", "former-slug", "%", "' OR 1=1 --"])
def test_address_that_means_nothing_lifts_no_set(studio, junk):
    for path in ("/", "/classes/", "/focus/calm/"):
        page = studio.twists.get(path, {"avoid": [junk, junk]}).text

        assert 'href="/classes/wall/' in page
        assert 'href="/classes/mat/' not in page
