"""What of pages is kept, and for whom."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from classes.body.avoiding import Avoided
from classes.catalogue import Choices, SqlCatalogue, keeping
from classes.catalogue.answers import Hit
from classes.catalogue.fragments import kept_cards, kept_page
from classes.models import FocusTag, WorkoutClass
from tests.factories import make_checked_class, make_class, make_focus_tag, make_movement

URL = "/classes/"


def first_card(avoided: Avoided = Avoided()) -> str:  # noqa: B008 - frozen
    catalogue = keeping.current()
    [card] = kept_cards(catalogue, catalogue.page(Choices(), 1), "h2", avoided)
    return card.html


@pytest.mark.django_db
def test_kept_card_takes_no_query(django_assert_num_queries):
    make_class()
    html = first_card()

    with django_assert_num_queries(1):  # the version
        assert first_card() == html


@pytest.mark.django_db
def test_card_changes_with_what_it_shows_however_that_was_changed():
    make_class(title="Mat", focus_tags=[make_focus_tag(name="Hips")])
    assert ">Mat</a>" in first_card()

    WorkoutClass.objects.update(title="Mat at the wall")

    assert ">Mat at the wall</a>" in first_card()


@pytest.mark.django_db
def test_card_outlives_what_changes_elsewhere(monkeypatch):
    here, elsewhere = make_class(), make_class(published_at=timezone.now() - timedelta(days=1))
    here_alone = [Hit(here.pk, here.variants.get().pk)]
    [card] = kept_cards(keeping.current(), here_alone, "h2", Avoided())

    WorkoutClass.objects.filter(pk=elsewhere.pk).update(comment_count=7, title="Anew")
    with monkeypatch.context() as patch:
        patch.setattr("classes.catalogue.fragments.cards_for_hits", None)
        assert kept_cards(keeping.current(), here_alone, "h2", Avoided()) == [card]
    WorkoutClass.objects.filter(pk=here.pk).update(comment_count=7)

    [renewed] = kept_cards(keeping.current(), here_alone, "h2", Avoided())
    assert "7 comments" in renewed.html
    assert "7 comments" not in card.html


@pytest.mark.django_db
def test_card_is_renewed_by_what_concerns_all():
    make_class(focus_tags=[make_focus_tag(name="Hips")])
    WorkoutClass.objects.update(level="open")
    assert "Hips" in first_card()

    FocusTag.objects.update(name="Hips and knees")

    assert "Hips and knees" in first_card()


@pytest.mark.django_db
def test_card_is_kept_for_each_language_and_each_avoid_set_of_an_address():
    make_class(slug="mat", focus_tags=[make_focus_tag(name="Hips", names={"es": "Caderas"})])
    avoided = Avoided(("twisting",), is_from_address=True)

    english, passing_on = first_card(), first_card(avoided)
    with translation.override("es"):
        spanish = first_card()

    assert "Hips" in english
    assert "Caderas" in spanish
    assert 'href="/classes/mat/?avoid=twisting"' in passing_on
    assert 'href="/classes/mat/"' in first_card(Avoided(("twisting",)))  # a member's own
    assert first_card() == english


@pytest.mark.django_db
def test_visitors_page_is_made_once_and_is_the_same(client, monkeypatch):
    make_class(title="Mat", level="open")
    made = client.get(URL, {"level": "open"})
    monkeypatch.setattr("classes.views.catalogue.written", None)

    filled_in = client.get(URL, {"level": "open"})
    monkeypatch.setattr("classes.views.catalogue.own_parts", None)
    kept = client.get(URL, {"level": "open"})  # whole, as somebody asked before

    assert kept.content == filled_in.content == made.content
    assert kept["Cache-Control"] == "public, s-maxage=60"


@pytest.mark.django_db
def test_page_is_made_anew_when_a_scheduled_class_appears(client, time_machine):
    make_class(title="Here")
    make_class(title="Tomorrow", published_at=timezone.now() + timedelta(days=1))
    assert "Tomorrow" not in client.get(URL).text

    time_machine.move_to(timezone.now() + timedelta(days=1, minutes=1))

    assert "Tomorrow" in client.get(URL).text


@pytest.mark.django_db
def test_part_for_htmx_is_kept_apart(client):
    make_class(level="open")
    whole = client.get(URL, {"level": "open"})
    part = client.get(URL, {"level": "open"}, headers={"HX-Request": "true"})

    again = client.get(URL, {"level": "open"}, headers={"HX-Request": "true"})

    assert "<html" in whole.text
    assert "<html" not in part.text
    assert (again.content, again["HX-Push-Url"]) == (part.content, "/classes/?level=open")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", {"Cookie": "sessionid=x"}),
        ("", {"Authorization": "Basic x"}),
        ("?q=mat", {}),
        ("?utm_source=letter", {}),  # a page repeats its query in links to itself
        ("?level=open&level=beginner&show=workout-tempo&length=11-20", {}),
    ],
    ids=["cookie", "authorization", "words", "another query", "many choices"],
)
def test_page_is_not_kept_for_one_person_nor_for_what_few_ask(rf, query, headers):
    make_checked_class(level="open")
    make_movement()
    request = rf.get(URL + query, headers=headers)
    choices = {
        "?q=mat": Choices(q="mat"),
        "?level=open&level=beginner&show=workout-tempo&length=11-20": Choices(
            show=("workout-tempo",), length=("11-20",), level=("open", "beginner")
        ),
    }.get(query, Choices())

    assert kept_page(request, keeping.current(), choices) is None
    assert kept_page(rf.get(URL), keeping.current(), Choices()) is not None


@pytest.mark.django_db
def test_page_is_not_kept_while_the_database_answers_itself(rf):
    catalogue = SqlCatalogue(keeping.current().version)

    assert kept_page(rf.get(URL), catalogue, Choices()) is None


@pytest.mark.django_db
def test_part_of_a_page_is_never_kept_as_the_page(client):
    """However the header is written that asks for a part: everyone else would get it."""
    make_class()
    written = {"HX-Request": "%74rue", "HX-Request-URI-AutoEncoded": "true"}

    part, page = client.get(URL, headers=written), client.get(URL)

    assert "<html" not in part.text
    assert "<html" in page.text
