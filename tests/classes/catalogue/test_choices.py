"""What an address asks of the catalogue, and what in it is left out."""

import pytest
from django.http import QueryDict
from django.utils.http import urlencode
from hypothesis import given
from hypothesis import strategies as st

from classes.catalogue import Choices, Facet, Reason, Sort, Vocabulary, parse
from classes.catalogue.choices import MAX_QUERY, MAX_SAID, MAX_WORDS, page_number
from classes.catalogue.vocabulary import Option

VOCABULARY = Vocabulary(
    options=dict.fromkeys(Facet, ())
    | {
        Facet.LEVEL: (Option("beginner", "Beginner"), Option("open", "Open")),
        Facet.FOCUS: (Option("spine-safe", "Spine Safe"), Option("hips", "Hips")),
        Facet.LANGUAGE: (Option("en", "English"), Option("pt-BR", "Português")),
    },
    moved={(Facet.FOCUS, "back"): "spine-safe"},
    movements=(Option("twisting", "Twisting"), Option("rolling", "Rolling")),
)


def read(query: str, saved: tuple[str, ...] = ()) -> tuple[Choices, list[tuple[str, str, Reason]]]:
    choices, ignored = parse(QueryDict(query), VOCABULARY, saved)
    return choices, [(value.name, value.text, value.reason) for value in ignored]


def test_empty_address_asks_for_everything_newest_first():
    assert read("") == (Choices(), [])


def test_parameters_may_repeat_and_keep_their_order():
    choices, ignored = read("level=open&focus=hips&level=beginner&level=open")

    assert choices.level == ("open", "beginner")
    assert choices.focus == ("hips",)
    assert ignored == []


def test_empty_and_foreign_parameters_are_passed_over_in_silence():
    assert read("q=&level=&sort=&page=&utm_source=letter") == (Choices(), [])


@pytest.mark.parametrize(
    ("query", "left_out"),
    [
        ("level=expert", ("level", "expert", Reason.MEANS_NOTHING)),
        ("level=Beginner", ("level", "Beginner", Reason.MEANS_NOTHING)),
        ("language=klingon", ("language", "klingon", Reason.MEANS_NOTHING)),
        ("sort=cheapest", ("sort", "cheapest", Reason.MEANS_NOTHING)),
        ("sort=relevance", ("sort", "relevance", Reason.NEEDS_WORDS)),
        ("done=hide", ("done", "hide", Reason.NEEDS_SIGN_IN)),
        ("done=show", ("done", "show", Reason.MEANS_NOTHING)),
        ("page=x", ("page", "x", Reason.MEANS_NOTHING)),
        ("page=0", ("page", "0", Reason.MEANS_NOTHING)),
        ("page=-1", ("page", "-1", Reason.MEANS_NOTHING)),
        ("page=1.0", ("page", "1.0", Reason.MEANS_NOTHING)),
        ("page=%D9%A3", ("page", "٣", Reason.MEANS_NOTHING)),
        (f"page={'9' * 20}", ("page", "9" * 20, Reason.MEANS_NOTHING)),
        ("level=a%00b", ("level", "a\N{REPLACEMENT CHARACTER}b", Reason.MEANS_NOTHING)),
        ("level=%ff", ("level", "\N{REPLACEMENT CHARACTER}", Reason.MEANS_NOTHING)),
        ("q=a%00b", ("q", "a\N{REPLACEMENT CHARACTER}b", Reason.UNREADABLE)),
        ("q=%ff", ("q", "\N{REPLACEMENT CHARACTER}", Reason.UNREADABLE)),
        ("q=%E2%80%8F", ("q", "\N{REPLACEMENT CHARACTER}", Reason.UNREADABLE)),
        ("avoid=knitting", ("avoid", "knitting", Reason.NO_MOVEMENT)),
        ("avoid=Twisting", ("avoid", "Twisting", Reason.NO_MOVEMENT)),
        ("avoid=%00", ("avoid", "\N{REPLACEMENT CHARACTER}", Reason.NO_MOVEMENT)),
        ("unchecked=yes", ("unchecked", "yes", Reason.AVOIDS_NOTHING)),
        ("unchecked=1", ("unchecked", "1", Reason.MEANS_NOTHING)),
    ],
)
def test_what_means_nothing_is_left_out_and_named(query, left_out):
    assert read(query) == (Choices(), [left_out])


def test_what_means_something_beside_it_still_holds():
    choices, ignored = read("level=expert&level=open&page=x&q=mat")

    assert choices == Choices(q="mat", level=("open",), sort=Sort.RELEVANCE)
    assert len(ignored) == 2


def test_last_of_several_pages_or_orders_holds_and_the_others_are_named():
    choices, ignored = read("page=2&page=3&sort=longest&sort=shortest")

    assert (choices.page, choices.sort) == (3, Sort.SHORTEST)
    assert {reason for _, _, reason in ignored} == {Reason.SAID_TWICE}


def test_shown_text_is_short():
    _choices, [(_name, text, _reason)] = read(f"level={'x' * 5000}")

    assert len(text) == 40


def test_language_codes_match_without_case():
    assert read("language=PT-br&language=EN")[0].language == ("pt-BR", "en")


def test_former_slug_means_the_page_that_moved():
    assert read("focus=back&focus=spine-safe")[0].focus == ("spine-safe",)


def test_words_are_tidied_and_join_over_repetition():
    assert read("q=++back+%0a+pain++&q=mat&q=mat")[0].q == "back pain mat"


def test_more_words_than_are_looked_for_are_named():
    words = [f"w{number}" for number in range(MAX_WORDS + 2)]

    choices, ignored = read("q=" + "+".join(words))

    assert choices.words == words[:MAX_WORDS]
    assert ignored == [("q", " ".join(words[MAX_WORDS:]), Reason.TOO_LONG)]


def test_word_that_is_too_long_is_left_out():
    choices, ignored = read(f"q=mat+{'x' * MAX_QUERY}")

    assert choices.q == "mat"
    assert [reason for _, _, reason in ignored] == [Reason.TOO_LONG]


@pytest.mark.parametrize("words", ['"mat', "NEAR(mat", "mat*", "a_b 100%", "' OR 1=1 --", "👩‍🦽"])
def test_words_are_looked_for_whatever_signs_are_in_them(words):
    assert read(urlencode({"q": words}))[0].q == words


def test_marks_that_nobody_sees_are_no_part_of_a_word():
    assert read(urlencode({"q": "\N{RIGHT-TO-LEFT MARK}ظهر\N{SOFT HYPHEN}"}))[0].q == "ظهر"


def test_endless_text_is_answered_in_a_line():
    choices, [(_name, text, reason)] = read(f"q={'x' * 10_000}")

    assert choices == Choices()
    assert (len(text), reason) == (40, Reason.TOO_LONG)


def test_of_an_endless_address_only_the_first_things_left_out_are_named():
    choices, ignored = read("&".join(f"level=no{number}" for number in range(200)) + "&q=mat")

    assert choices.q == "mat"
    assert [text for _, text, _ in ignored[:2]] == ["no0", "no1"]
    assert len(ignored) == MAX_SAID + 1
    assert ignored[-1] == ("", "", Reason.AND_MORE)


def test_best_match_is_the_default_only_with_words():
    assert read("q=mat")[0].sort is Sort.RELEVANCE
    assert read("q=mat&sort=newest")[0].sort is Sort.NEWEST
    assert Choices(q="mat", sort=Sort.RELEVANCE).sorts[0] is Sort.RELEVANCE
    assert Sort.RELEVANCE not in Choices().sorts


def test_address_is_the_shortest_of_its_state():
    assert Choices().address == "/classes/"
    assert Choices(q="mat", sort=Sort.RELEVANCE).address == "/classes/?q=mat"
    assert Choices(q="mat", sort=Sort.NEWEST).address == "/classes/?q=mat&sort=newest"
    assert (
        Choices(focus=("hips", "spine-safe"), level=("open",), page=2).address
        == "/classes/?focus=hips&focus=spine-safe&level=open&page=2"
    )


def test_movements_to_avoid_keep_their_order_and_stand_in_the_address():
    choices, ignored = read("avoid=rolling&avoid=twisting&avoid=rolling&level=open")

    assert (choices.avoid, choices.avoids) == (("rolling", "twisting"),) * 2
    assert choices.address == "/classes/?level=open&avoid=rolling&avoid=twisting"
    assert choices.is_filtered
    assert ignored == []


def test_saved_set_applies_where_the_address_says_nothing_and_never_stands_in_it():
    choices, _ignored = read("level=open", saved=("twisting", "twisting"))

    assert (choices.avoid, choices.avoids) == (None, ("twisting",))
    assert choices.is_filtered
    assert choices.address == "/classes/?level=open"


def test_address_with_movements_means_exactly_these():
    choices, _ignored = read("avoid=rolling", saved=("twisting",))

    assert choices.avoids == ("rolling",)


def test_avoiding_nothing_lifts_the_saved_set_and_says_so_in_the_address():
    choices, ignored = read("avoid=none", saved=("twisting",))

    assert (choices.avoid, choices.avoids) == ((), ())
    assert choices.address == "/classes/?avoid=none"
    assert ignored == []


def test_avoiding_nothing_beside_movements_is_left_out():
    choices, ignored = read("avoid=none&avoid=twisting")

    assert choices.avoids == ("twisting",)
    assert ignored == [("avoid", "none", Reason.AVOIDS_ALREADY)]


def test_movement_that_is_not_known_lifts_no_saved_set():
    choices, ignored = read("avoid=knitting", saved=("twisting",))

    assert choices.avoids == ("twisting",)
    assert ignored == [("avoid", "knitting", Reason.NO_MOVEMENT)]


@pytest.mark.parametrize(("query", "saved"), [("&avoid=twisting", ()), ("", ("twisting",))])
def test_what_nobody_checked_can_be_asked_for(query, saved):
    choices, ignored = read(f"unchecked=yes{query}", saved)

    assert choices.unchecked
    assert choices.address == f"/classes/?{query[1:] + '&' if query else ''}unchecked=yes"
    assert ignored == []


def test_avoiding_something_else_shows_what_suits_again():
    choices = Choices(level=("open",), avoid=("twisting",), unchecked=True, page=3)

    assert choices.avoiding(["rolling", "rolling"]) == Choices(level=("open",), avoid=("rolling",))
    assert choices.avoiding(()).avoid == ()
    assert choices.avoiding(None) == Choices(level=("open",))
    assert choices.showing_unchecked(False) == Choices(level=("open",), avoid=("twisting",))


def test_pages_are_reached_from_the_same_state():
    assert Choices(page=3).link_to_pages == "/classes/?page="
    assert Choices(level=("open",), page=3).link_to_pages == "/classes/?level=open&page="


def test_giving_up_a_choice_keeps_the_others_and_begins_anew():
    choices = Choices(q="mat", level=("open", "beginner"), sort=Sort.RELEVANCE, page=3)

    assert choices.without(Facet.LEVEL, "open") == Choices(
        q="mat", level=("beginner",), sort=Sort.RELEVANCE
    )
    assert choices.without_facet(Facet.LEVEL).level == ()
    assert choices.without_words() == Choices(level=("open", "beginner"))


@given(
    pairs=st.lists(
        st.tuples(
            st.sampled_from(["q", "sort", "page", "avoid", "unchecked", *Facet]),
            st.one_of(
                st.text(max_size=20),
                st.sampled_from(
                    ["open", "hips", "pt-br", "2", "longest", "twisting", "rolling", "none", "yes"]
                ),
            ),
        ),
        max_size=8,
    ),
    saved=st.sampled_from([(), ("rolling",)]),
)
def test_address_of_what_was_understood_is_understood_alike(pairs, saved):
    query = QueryDict(mutable=True)
    for name, value in pairs:
        query.appendlist(name, value)

    choices, ignored = parse(query, VOCABULARY, saved)
    again, still_ignored = parse(QueryDict(choices.address.partition("?")[2]), VOCABULARY, saved)

    assert again == choices
    assert still_ignored == ()
    assert all(value.text.isprintable() and value.sentence for value in ignored)


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("007", 7), ("999999", 999999), ("1000000", None), ("", None), ("²", None)],
)
def test_page_number(text, number):
    assert page_number(text) == number


def test_a_member_may_hide_what_they_have_done_and_every_link_passes_it_on():
    choices, ignored = parse(QueryDict("done=hide&level=open"), VOCABULARY, is_member=True)

    assert choices.hides_done
    assert not ignored
    assert choices.is_filtered
    assert choices.address == "/classes/?level=open&done=hide"
    assert choices.without(Facet.LEVEL, "open").address == "/classes/?done=hide"
    assert choices.showing_done().address == "/classes/?level=open"


def test_what_was_done_stands_in_no_address():
    assert Choices(hides_done=True, done=(17, 4)).address == "/classes/?done=hide"


@pytest.mark.parametrize(
    "choices",
    [
        Choices(),
        Choices(q="avoid=-any-movement- &avoid=kneeling", sort=Sort.NEWEST),
        Choices(level=("open",), avoid=("kneeling",), unchecked=True, page=3),
        Choices(focus=("hips",), avoid=(), saved=("rolling",), hides_done=True, sort=Sort.LONGEST),
    ],
)
def test_addresses_of_many_sets_are_those_of_each(choices):
    sets = [("twisting",), ("kneeling", "rolling"), ("über-kopf",), ()]

    assert choices.addresses_avoiding(sets) == [choices.avoiding(some).address for some in sets]
