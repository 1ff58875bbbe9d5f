"""The filter as markup."""

import re

import pytest
from django.utils import translation

from classes import holes
from classes.catalogue import Choices, Facet
from classes.catalogue.panel import (
    AvoidView,
    Chip,
    FacetView,
    LeftOutView,
    OptionView,
    OwnSet,
    StarterView,
)
from classes.catalogue.panel_markup import (
    avoid_markup,
    chips_markup,
    facet_markup,
    filter_markup,
    keep_markup,
    left_out_markup,
    option_list,
    own_set_markup,
)
from classes.catalogue.vocabulary import Option

TYPED = "<b>\"'&"
ESCAPED = "&lt;b&gt;&quot;&#x27;&amp;"
TWISTING = Option("twisting", "Twisting")


def options(*chosen: str) -> list[OptionView]:
    return [
        OptionView(Option(value, value.title()), number, value in chosen)
        for value, number in (("open", 3), ("advanced", 1), ("beginner", 0))
    ]


def words_of(html: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", html).split())


def test_option_is_written_whole():
    html = option_list("level", [OptionView(Option("open", "Open"), 3, is_chosen=True)])

    assert html == (
        '<label class="option"><input type="checkbox" name="level" value="open" checked>Open'
        ' <span class="option-count">3<span class="visually-hidden"> classes</span></span></label>'
    )


def test_option_that_leaves_nothing_is_disabled_unless_it_is_chosen():
    assert option_list("level", options()).count(" disabled>Beginner") == 1
    assert " disabled" not in option_list("level", options("beginner"))


def test_option_of_what_is_avoided_has_no_number():
    assert option_list("avoid", [OptionView(TWISTING, None, is_chosen=False)]) == (
        '<label class="option">'
        '<input type="checkbox" name="avoid" value="twisting">Twisting</label>'
    )


def test_number_of_an_option_is_said_in_the_readers_language():
    with translation.override("es"):
        assert "3 clases" in words_of(option_list("level", options()))
    assert "3 classes" in words_of(option_list("level", options()))


def test_facet_says_how_many_are_chosen_and_hides_the_number_of_none():
    def fold(*chosen: str) -> str:
        view = FacetView(Facet.LEVEL, options(*chosen))
        return filter_markup([(view, facet_markup(view))], None)

    assert 'id="level-chosen" hidden></span>' in fold()
    assert 'id="level-chosen">2<span class="visually-hidden"> chosen</span></span>' in fold(
        "open", "advanced"
    )
    assert '<details class="facet" open>' in fold("open")
    assert '<details class="facet">' in fold()


def test_what_is_avoided_stands_behind_the_first_fold():
    show, level = FacetView(Facet.SHOW, options()), FacetView(Facet.LEVEL, options())
    avoid = avoid_markup(AvoidView([], [OptionView(TWISTING, None, is_chosen=True)]))

    html = filter_markup([(view, facet_markup(view)) for view in (show, level)], avoid)

    places = re.findall(r'id="([a-z]+)-options"', html)
    assert places == ["show", "avoid", "level"]


def test_starter_sets_stand_only_where_there_are_any():
    back = StarterView("Back", "/classes/?avoid=twisting", is_chosen=True)

    assert "<ul" not in avoid_markup(AvoidView([], [])).options
    assert 'aria-current="true">Back</a></li>' in avoid_markup(AvoidView([back], [])).options


def test_chips_are_followed_by_a_way_to_clear_them_all():
    chips = [
        Chip("“mat”", "/classes/?language=es", is_words=True),
        Chip("Español", "/classes/?q=mat", "es"),
    ]

    html = chips_markup(chips)

    assert words_of(html) == "Remove “mat” Remove Español Clear all"
    assert '<span lang="es">Español</span>' in html
    assert html.count('rel="nofollow" hx-boost="false"') == 1  # that of the words
    assert chips_markup([]) == ""


def test_what_is_left_out_is_said_with_its_numbers():
    assert words_of(left_out_markup(LeftOutView(1, 2, "/classes/?unchecked=yes"))) == (
        "3 classes left out: 1 contains what you avoid, 2 are not checked yet ."
        " This is no medical advice."
    )
    assert left_out_markup(None) == ""


def test_nothing_that_somebody_typed_becomes_markup():
    view = FacetView(Facet.LEVEL, [OptionView(Option(TYPED, TYPED, TYPED), 1, is_chosen=False)])
    avoid = AvoidView([StarterView(TYPED, TYPED, is_chosen=False)], view.options)
    kept = OwnSet([TYPED], Choices(saved=("twisting",)))
    other = OwnSet([TYPED], Choices(avoid=(TYPED,), saved=("twisting",)), path=TYPED)

    for html, times in (
        (filter_markup([(view, facet_markup(view))], avoid_markup(avoid)), 8),
        (chips_markup([Chip(TYPED, TYPED, TYPED)]), 3),
        (left_out_markup(LeftOutView(1, 1, TYPED)), 1),
        (own_set_markup(kept), 1),
        (own_set_markup(other), 1),
        (keep_markup(other), 2),
    ):
        assert "<b>" not in html
        assert html.count(ESCAPED) == times
        assert "&amp;lt;" not in html


@pytest.mark.parametrize(
    ("avoid", "said", "links"),
    [
        (None, "Left out for you: Twisting, Rolling", ["/classes/?avoid=none", "/my/avoid/"]),
        ((), "Nothing is left out here", ["/classes/"]),
        (("jumping",), "Your own set is not used here", ["/classes/"]),
        (("rolling", "twisting"), "", []),
    ],
)
def test_own_set_is_said_in_words_and_in_no_address(avoid, said, links):
    own = OwnSet(["Twisting", "Rolling"], Choices(avoid=avoid, saved=("twisting", "rolling")))

    html = own_set_markup(own)

    assert words_of(html).startswith(said)
    assert bool(words_of(html)) == bool(said)
    assert re.findall('href="([^"]*)"', html) == links
    assert "twisting" not in html


def test_own_set_is_kept_in_no_fragment():
    holes._rendered.clear()

    own_set_markup(OwnSet(["Twisting"], Choices(saved=("twisting",))))
    keep_markup(OwnSet(["Twisting"], Choices(avoid=("rolling",), saved=("twisting",))))

    kept = repr(holes._rendered._kept).lower()
    assert "classes/_own_set.html" in kept
    assert "classes/_keep.html" in kept
    assert "twisting" not in kept
    assert "rolling" not in kept


def test_who_keeps_nothing_is_told_of_no_set_but_may_keep_that_of_the_page():
    own = OwnSet([], Choices(avoid=("twisting", "rolling")))

    assert own_set_markup(own) == ""
    assert re.findall('name="([a-z]+)" value="([^"]*)"', keep_markup(own)) == [
        ("avoid", "twisting"),
        ("avoid", "rolling"),
        ("next", "/classes/"),
    ]


@pytest.mark.parametrize("avoid", [None, (), ("rolling", "twisting")])
def test_what_is_kept_already_is_not_offered_to_be_kept(avoid):
    assert keep_markup(OwnSet(["-"], Choices(avoid=avoid, saved=("twisting", "rolling")))) == ""
