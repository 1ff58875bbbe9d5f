"""Options, chips and ways out."""

import pytest

from classes.catalogue import Choices, Facet, Sort, count, read_vocabulary
from classes.catalogue.panel import WayOut, chips, facet_views, ways_out
from tests.factories import make_class, make_focus_tag, make_variant


def views(choices: Choices):
    return {view.facet: view for view in facet_views(read_vocabulary(), choices, count(choices))}


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

    found = {chip.label: chip.url for chip in chips(read_vocabulary(), choices)}

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

    assert ways_out(read_vocabulary(), choices) == [
        WayOut("Hips", "/classes/?level=advanced&level=beginner", 2),
        WayOut("Advanced, Beginner", "/classes/?focus=hips", 1),
    ]


@pytest.mark.django_db
def test_where_nothing_was_chosen_there_is_no_way_out(django_assert_num_queries):
    vocabulary = read_vocabulary()

    with django_assert_num_queries(0):
        assert ways_out(vocabulary, Choices()) == []
