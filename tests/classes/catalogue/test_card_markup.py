"""The markup of a card."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import translation

from classes.catalogue.card_markup import card_markup
from classes.catalogue.cards import Card, Film
from classes.catalogue.fragments import Look
from classes.models import Picture

FRAME = Picture(
    pk="12345678-1234-5678-1234-567812345678", width=1600, height=900, widths=[320, 640, 1280]
)
FILM = Film(7, "workout-tempo", "en", timedelta(minutes=24, seconds=10), FRAME)
CARD = Card(
    class_id=3,
    title="Mat",
    slug="mat",
    level="open",
    is_free=False,
    comment_count=0,
    poster=None,
    film=FILM,
    first_film_id=7,
    instructors=("Ana",),
    focus_tags=(),
)
PICTURES = "/media/pictures/12345678-1234-5678-1234-567812345678"


def markup(card: Card = CARD, look: Look = Look()) -> str:  # noqa: B008 - frozen
    return card_markup(card, card.url, look)


def test_card_is_written_whole():
    card = replace(CARD, comment_count=2, focus_tags=("Hips", "Spine", "Wrists", "Knees"))

    assert markup(card) == (
        '<div class="poster"><picture><source type="image/avif"'
        f' srcset="{PICTURES}/320.avif 320w, {PICTURES}/640.avif 640w" sizes="(min-width: 78rem)'
        ' 18rem, (min-width: 62rem) 25vw, (min-width: 40rem) 45vw, 92vw">'
        f'<img src="{PICTURES}/640.jpg" alt="" width="1600" height="900" loading="lazy"'
        ' decoding="async"></picture><time class="length" datetime="PT24M10S">24 min</time></div>'
        '<h3 class="card-title"><a href="/classes/mat/">Mat</a></h3>'
        '<p class="card-facts dots"><span>Ana</span><span>Open</span><span>2 comments</span></p>'
        '<ul class="card-tags dots" role="list"><li>Hips</li><li>Spine</li><li>Wrists</li></ul>'
    )


def test_nothing_that_somebody_typed_becomes_markup():
    typed = "<b>\"'&"
    card = replace(CARD, title=typed, instructors=(typed,), focus_tags=(typed,))

    html = card_markup(card, f"/classes/mat/?avoid={typed}", Look())

    assert "<b>" not in html
    assert html.count("&lt;b&gt;&quot;&#x27;&amp;") == 4


def test_card_without_a_film_says_so_and_has_a_mat_for_a_picture():
    html = markup(replace(CARD, film=None, first_film_id=None))

    assert '<div class="poster poster-none"><svg class="empty-roll"' in html
    assert "<span>The film is on its way</span>" in html
    assert "<time" not in html


def test_film_of_unknown_length_prints_none():
    html = markup(replace(CARD, film=FILM._replace(duration=None)))

    assert '<time class="length" datetime=""></time>' in html


def test_notes_are_said_in_their_own_language():
    card = replace(CARD, is_free=True, film=FILM._replace(language="es"))

    assert '<p class="poster-note dots"><span>Free</span><span lang="es">Español</span></p>' in (
        markup(card)
    )


@pytest.mark.parametrize(
    ("look", "heading", "loading", "sources"),
    [
        (Look("h3"), "<h3", 'loading="lazy"', 1),
        (Look("h2", is_seen_first=True), "<h2", 'fetchpriority="high"', 1),
        (Look("h2", is_seen_first=True, is_large=True), "<h2", 'fetchpriority="high"', 2),
    ],
    ids=["on a shelf", "seen first", "large"],
)
def test_look_of_a_card(look, heading, loading, sources):
    html = markup(look=look)

    assert heading in html
    assert loading in html
    assert html.count("<source ") == sources


def test_card_is_in_the_language_of_each_reader():
    card = replace(CARD, comment_count=1)
    english = markup(card)

    with translation.override("es"):
        spanish = markup(card)

    assert "1 comment<" in english
    assert "1 comentario<" in spanish
    assert markup(card) == english
