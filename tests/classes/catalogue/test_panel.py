"""Options, chips and ways out."""

import pytest

from classes.catalogue import Choices, Counts, Facet, LeftOut, Sort, keeping
from classes.catalogue.panel import (
    WayOut,
    avoid_view,
    chips,
    facet_views,
    left_out,
    own_set,
    ways_out,
)
from tests.factories import (
    make_avoid_set,
    make_class,
    make_focus_tag,
    make_movement,
    make_variant,
)


def views(choices: Choices):
    catalogue = keeping.current()
    counts = catalogue.count(choices)
    return {view.facet: view for view in facet_views(catalogue.vocabulary, choices, counts)}


@pytest.mark.django_db
def test_option_that_would_leave_nothing_is_dead_unless_it_is_chosen():
    make_class(level="open")

    options = {row.option.value: row for row in views(Choices())[Facet.LEVEL].options}
    chosen = {
        row.option.value: row for row in views(Choices(level=("advanced",)))[Facet.LEVEL].options
    }

    assert not options["open"].is_dead
    assert options["advanced"].is_dead
    assert not chosen["advanced"].is_dead


@pytest.mark.django_db
def test_facet_with_nothing_to_choose_is_not_shown():
    make_class()

    assert Facet.PROP not in views(Choices())


@pytest.mark.django_db
def test_facet_opens_once_something_of_it_is_chosen():
    make_class()

    assert not views(Choices())[Facet.LEVEL].is_open
    assert views(Choices(level=("open",)))[Facet.LEVEL].is_open


@pytest.mark.django_db
def test_each_chip_leads_to_the_same_state_without_its_choice():
    make_focus_tag(slug="hips", name="Hips")
    make_variant(make_class(), language="es")
    choices = Choices(q="mat", focus=("hips",), language=("es",), sort=Sort.RELEVANCE)

    found = {chip.label: chip.url for chip in chips(keeping.current().vocabulary, choices)}

    assert found == {
        "“mat”": "/classes/?focus=hips&language=es",
        "Hips": "/classes/?q=mat&language=es",
        "Español": "/classes/?q=mat&focus=hips",
    }


@pytest.mark.django_db
def test_ways_out_name_the_choice_to_give_up_best_first():
    hips = make_focus_tag(slug="hips", name="Hips")
    make_class(level="open", focus_tags=[hips])
    for _ in range(2):
        make_class(level="advanced")
    choices = Choices(focus=("hips",), level=("advanced", "beginner"))

    assert ways_out(keeping.current(), choices) == [
        WayOut("Hips", "/classes/?level=advanced&level=beginner", 2),
        WayOut("Advanced, Beginner", "/classes/?focus=hips", 1),
    ]


@pytest.mark.django_db
def test_where_nothing_was_chosen_there_is_no_way_out(django_assert_num_queries):
    catalogue = keeping.current()

    with django_assert_num_queries(0):
        assert ways_out(catalogue, Choices()) == []


@pytest.fixture
def movements():
    """Twisting and jumping, and a starter set with both."""
    found = [
        make_movement(name=name, slug=name.lower(), position=position)
        for position, name in enumerate(("Twisting", "Jumping"))
    ]
    make_avoid_set(name="Back", slug="back", movements=found)
    return found


@pytest.mark.django_db
def test_starter_set_leads_to_exactly_its_movements_with_the_other_choices_kept(movements):
    vocabulary = keeping.current().vocabulary

    [back] = avoid_view(vocabulary, Choices(level=("open",), avoid=("jumping",))).starters

    assert (back.label, back.is_chosen) == ("Back", False)
    assert back.url == "/classes/?level=open&avoid=twisting&avoid=jumping"


@pytest.mark.django_db
def test_starter_set_is_marked_where_the_address_avoids_just_that(movements):
    view = avoid_view(keeping.current().vocabulary, Choices(avoid=("jumping", "twisting")))

    assert [starter.is_chosen for starter in view.starters] == [True]
    assert view.chosen_count == 2


@pytest.mark.django_db
def test_what_a_member_keeps_is_no_choice_of_the_page(movements):
    choices = Choices(saved=("twisting",))
    vocabulary = keeping.current().vocabulary

    assert avoid_view(vocabulary, choices).chosen_count == 0
    assert chips(vocabulary, choices) == []
    assert "twisting" not in own_set(vocabulary, choices).url
    assert "twisting" not in own_set(vocabulary, choices).url_without


@pytest.mark.django_db
def test_chip_of_the_last_avoided_movement_gives_way_to_the_members_own_set(movements):
    vocabulary = keeping.current().vocabulary

    found = chips(vocabulary, Choices(avoid=("twisting",), unchecked=True))

    assert [(chip.label, chip.url) for chip in found] == [
        ("Without: Twisting", "/classes/"),
        ("Not checked yet", "/classes/?avoid=twisting"),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("avoid", "applies", "is_lifted", "can_be_kept"),
    [
        (None, True, False, False),
        ((), False, True, False),
        (("jumping",), False, False, True),
        (("twisting",), False, False, False),
    ],
)
def test_own_set_applies_where_the_address_says_nothing(
    movements, avoid, applies, is_lifted, can_be_kept
):
    own = own_set(keeping.current().vocabulary, Choices(avoid=avoid, saved=("twisting",)))

    assert own.labels == ["Twisting"]
    assert (own.applies, own.is_lifted, own.can_be_kept) == (applies, is_lifted, can_be_kept)


def test_left_out_leads_to_what_nobody_has_checked_but_not_from_there():
    counts = Counts(total=1, options={}, unchecked=0, left_out=LeftOut(9, 3))

    found = left_out(Choices(avoid=("twisting",)), counts)

    assert (found.containing, found.unchecked, found.total) == (9, 3, 12)
    assert found.url == "/classes/?avoid=twisting&unchecked=yes"
    assert left_out(Choices(avoid=("twisting",), unchecked=True), counts) is None


@pytest.mark.django_db
def test_nobody_is_offered_what_they_avoid_as_a_way_out(movements):
    make_class(level="open", movements=movements)

    assert ways_out(keeping.current(), Choices(avoid=("twisting",))) == []
