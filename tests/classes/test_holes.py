"""Markup that is kept for everybody, with holes for what is one reader's own."""

import pytest
from django.utils import translation
from django.utils.safestring import SafeString

from classes import holes

LANGUAGES = "_languages.html"
STARTER = "classes/_starter.html"
TYPED = "<b>\"'&"


@pytest.fixture(autouse=True)
def nothing_kept():
    holes._rendered.clear()


def starter(url: str = "/classes/", label: str = "Back", *, is_chosen: bool = False) -> str:
    return holes.rendered(STARTER, {"url": url, "label": label}, is_chosen=is_chosen).strip()


def kept() -> str:
    """All that is remembered after what was rendered, keys included."""
    return repr(holes._rendered._kept)


def test_what_was_cut_at_its_holes_is_filled_in_at_each():
    html = f"<p>{holes.hole('name')}, {holes.hole('greeting')}</p>"

    assert holes.filled(holes.pieces(html), {"name": "Ana"}) == "<p>Ana, </p>"


def test_filling_in_leaves_what_is_kept_as_it_was():
    pieces = holes.pieces(f"<p>{holes.hole('name')}</p>")

    holes.filled(pieces, {"name": "Ana"})

    assert holes.filled(pieces, {"name": "Bela"}) == "<p>Bela</p>"


def test_what_somebody_typed_is_no_hole():
    typed = "<!--0123456789abcdef0123456789abcdef name-->"

    assert holes.pieces(typed) == [typed]


def test_a_hole_in_what_is_filled_in_stays_one_for_whoever_cuts_the_whole():
    html = starter(label=holes.hole("label"))

    assert holes.filled(holes.pieces(html), {"label": "Back"}) == starter(label="Back")


def test_what_is_ones_own_is_escaped_once_and_markup_is_left():
    assert starter(label=TYPED).count(">&lt;b&gt;&quot;&#x27;&amp;</a>") == 1
    assert "><b>Back</b></a>" in starter(label=SafeString("<b>Back</b>"))


def test_what_is_ones_own_is_neither_kept_nor_part_of_a_key():
    starter("/classes/?avoid=twisting", "Twisting")

    assert STARTER in kept()
    assert "twisting" not in kept().lower()


def test_one_reader_does_not_get_what_is_anothers():
    assert "Ana" in starter(label="Ana")
    assert starter(label="Bela") == starter(label="Ana").replace("Ana", "Bela")


def test_what_is_true_of_some_is_told_apart():
    assert "aria-current" not in starter()
    assert "aria-current" in starter(is_chosen=True)
    assert "aria-current" not in starter()


def test_a_template_may_ask_whether_there_is_something():
    def facet(chosen: str) -> str:
        own = {"chosen": chosen, "options": ""}
        return holes.rendered("classes/_avoid_facet.html", own)

    assert 'id="avoid-chosen" hidden></span>' in facet("")
    assert 'id="avoid-chosen">3</span>' in facet("3")
    assert 'id="avoid-chosen" hidden></span>' in facet("")


def test_each_language_has_its_own():
    with translation.override("en"):
        english = holes.rendered(LANGUAGES, {"query": "page=2&"})
    with translation.override("es"):
        spanish = holes.rendered(LANGUAGES, {"query": "page=2&"})

    assert 'href="?page=2&amp;lang=en" lang="en" hreflang="en" rel="nofollow" aria-cur' in english
    assert 'href="?page=2&amp;lang=es" lang="es" hreflang="es" rel="nofollow" aria-cur' in spanish
