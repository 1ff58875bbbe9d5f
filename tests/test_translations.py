"""The site in another language: nothing left out, nothing left in English."""

import io
import re
from collections.abc import Set
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.conf import settings
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext
from django.utils.translation.template import templatize

from classes.admin.translations import TranslationsWidget
from classes.models import Tempo, WorkoutClass
from tests.factories import (
    make_apparatus,
    make_checked_class,
    make_class,
    make_comment,
    make_focus_tag,
    make_instructor,
    make_member,
    make_movement,
    make_variant,
)

ROOT = Path(__file__).resolve().parents[1]
APPS = ["accounts", "classes", "comments", "config"]
CATALOGUES = sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]|</?\w+[^>]*>")
ONE, PAIR, IN_CONTEXT = None, (1, 2), ((1, "c"), 2)
MARKS = {
    "_": ONE,
    "gettext": ONE,
    "gettext_lazy": ONE,
    "gettext_noop": ONE,
    "ngettext": PAIR,
    "ngettext_lazy": PAIR,
    "pgettext": IN_CONTEXT,
    "pgettext_lazy": IN_CONTEXT,
    "npgettext": ((1, "c"), 2, 3),
}


@cache
def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def translated(path: Path) -> list[Message]:
    return [message for message in read(path) if message.id]


def forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (text,)


def sources() -> dict[str, str]:
    """What xgettext would read: our Python, and our templates as Python."""
    python = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
    found = {str(path.relative_to(ROOT)): path.read_text() for path in python}
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            # On one line, since what is left of a page has the indentation of no program.
            lines = templatize(path.read_text()).splitlines()
            found[str(path.relative_to(ROOT))] = " ".join(lines).strip() + "\n"
    return found


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_every_word_is_gathered(path):
    """Run `make words` after changing one, and translate what is new."""
    catalogue = read(path)

    missing = [
        f"{name}:{line} {message!r}"
        for name, text in sources().items()
        for line, message, _comments, context in extract(
            "python", io.BytesIO(text.encode()), keywords=MARKS
        )
        if not catalogue.get(message, context)
    ]

    assert missing == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parts[-3])
def test_placeholders_and_markup_are_kept(path):
    """A placeholder that is missing is a page that fails, or one that hides a number."""
    differing = [
        (source, target)
        for message in translated(path)
        for number, target in enumerate(forms(message.string))
        for source in [forms(message.id)[min(number, len(forms(message.id)) - 1)]]
        if sorted(PLACEHOLDER.findall(source)) != sorted(PLACEHOLDER.findall(target))
    ]

    assert differing == []


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
def test_every_language_has_a_catalogue(language):
    """English is what the sources say."""
    assert language == "en" or ROOT / f"locale/{language}/LC_MESSAGES/django.po" in CATALOGUES


def test_plurals_follow_the_number():
    with translation.override("es"):
        words = [ngettext("class", "classes", number) for number in (0, 1, 2, 1_000_000)]

    assert words == ["clases", "clase", "clases", "clases"]


def test_languages_are_named_in_the_readers_own():
    """Whatever language the process started in."""
    widget = TranslationsWidget(max_length=60)

    with translation.override("es"):
        box = widget.get_context("names", {}, {})["widget"]["subwidgets"][0]

        assert box["label"] == "Español"


class Words(HTMLParser):
    """What a reader sees or hears of a page: its texts, and the attributes that are read out."""

    READ_OUT = {"aria-label", "title", "alt", "placeholder"}

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.found.add(" ".join(data.split()))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {value for name, value in attrs if value and name in self.READ_OUT}


@pytest.fixture
def studio(db) -> WorkoutClass:
    """Something to say on every page."""
    teacher = make_member()
    teaches = make_instructor(slug="teacher", member=teacher)
    checked = make_checked_class(
        slug="checked",
        instructors=[teaches],
        focus_tags=[make_focus_tag(slug="backs", forbids=[make_movement()])],
        apparatus=[make_apparatus()],
    )
    make_variant(checked, tempo=Tempo.OBSERVE)
    make_comment(checked, author=teacher, parent=make_comment(checked))
    make_class(slug="unchecked", focus_tags=[make_focus_tag(slug="open")])
    return checked


@cache
def english_only() -> set[str]:
    """Our words, less those that Spanish writes alike and what a language is called in itself."""
    spanish = translated(ROOT / "locale/es/LC_MESSAGES/django.po")
    return {
        word
        for message in spanish
        for word in forms(message.id)
        if word not in forms(message.string) and word != "English"
    }


def assert_spanish(client, address: str, *, not_ours: Set[str] = frozenset()) -> None:
    words = {
        language: Words(client.get(address, headers={"accept-language": language}).text).found
        for language in ("en", "es")
    }

    assert len(words["en"] & english_only()) > 5
    assert words["es"] & english_only() <= not_ours


@pytest.mark.parametrize(
    "address",
    [
        reverse("home"),
        reverse("classes:list"),
        reverse("classes:list") + "?q=nothing&focus=backs&sort=relevance&page=9",
        reverse("classes:detail", args=["checked"]),
        reverse("classes:detail", args=["unchecked"]),
        reverse("classes:focus", args=["backs"]),
        reverse("classes:focus", args=["open"]),
        reverse("classes:instructors"),
        reverse("classes:instructor", args=["teacher"]),
        reverse("account_login"),
        reverse("account_signup"),
        reverse("account_reset_password"),
        "/nothing/is/here/",
    ],
)
def test_visitors_read_no_english_on_a_spanish_page(studio, client, address):
    assert_spanish(client, address)


@pytest.mark.parametrize(
    "name",
    [
        "accounts:profile",
        "account_change_password",
        "account_email",
        "account_logout",
        "mfa_index",
        "mfa_list_webauthn",
        "usersessions_list",
    ],
)
def test_members_read_no_english_on_a_spanish_page(client, db, name):
    client.force_login(make_member())

    assert_spanish(client, reverse(name))


@pytest.mark.parametrize(
    "name",
    [
        "index",
        "accounts_member_changelist",
        "accounts_membership_add",
        "classes_focustag_add",
        "classes_focustag_changelist",
        "classes_instructor_changelist",
        "classes_movement_add",
        "classes_workoutclass_add",
        "classes_workoutclass_changelist",
        "classes_workoutclass_import",
        "comments_comment_changelist",
    ],
)
def test_curators_read_no_english_on_a_spanish_page(studio, client, name):
    curator = make_member(is_staff=True)
    curator.groups.add(Group.objects.get(name="Curators"))
    client.force_login(curator)

    # Django's lens beside the search box is called that in every language.
    assert_spanish(client, reverse(f"admin:{name}"), not_ours={"Search"})


@pytest.mark.parametrize(
    "name", ["classes_workoutclass_change", "classes_check", "classes_workoutclass_history"]
)
def test_curators_read_no_english_about_a_class(studio, client, name):
    curator = make_member(is_staff=True)
    curator.groups.add(Group.objects.get(name="Curators"))
    client.force_login(curator)

    assert_spanish(client, reverse(f"admin:{name}", args=[studio.pk]))
