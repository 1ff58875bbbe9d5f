"""What a visitor avoids, and the page on which a member keeps it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from classes.body.avoiding import (
    Avoided,
    avoided_by,
    keep,
    kept_by,
    marks_for,
    read_avoid,
)
from classes.catalogue import Option, Vocabulary, parse
from classes.catalogue.facets import Facet
from classes.models import Avoidance
from tests.factories import (
    make_avoid_set,
    make_checked_class,
    make_class,
    make_member,
    make_movement,
)

URL = "/my/avoid/"


@pytest.fixture
def movements():
    """Twisting, Kneeling and Jumping, in the studio's order."""
    return [
        make_movement(name=name, slug=name.lower(), position=position)
        for position, name in enumerate(("Twisting", "Kneeling", "Jumping"))
    ]


@pytest.fixture
def member(client):
    member = make_member()
    client.force_login(member)
    return member


# --- An address ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "avoided"),
    [
        ([], None),
        ([""], None),
        (["none"], ()),
        (["none", "none"], ()),
        (["kneeling", "twisting", "kneeling"], ("kneeling", "twisting")),
        (["none", "twisting"], ("twisting",)),
        (["flying", "twisting"], ("twisting",)),
        (["flying"], None),  # it says nothing: what a member keeps still applies
        (["flying", "none"], ()),
        (["TWISTING", " twisting", "\0"], None),
    ],
)
def test_address_avoids_what_it_names(values, avoided):
    assert read_avoid(values, {"twisting", "kneeling"}) == avoided


@given(st.lists(st.sampled_from(["", "none", "twisting", "kneeling", "flying", "\0", "' --"])))
def test_every_page_reads_an_address_like_the_catalogue(values):
    known = ("twisting", "kneeling")
    vocabulary = Vocabulary(
        dict.fromkeys(Facet, ()), movements=tuple(Option(slug, slug) for slug in known)
    )
    query = QueryDict(mutable=True)
    query.setlist("avoid", values)

    choices, _ignored = parse(query, vocabulary)

    assert read_avoid(values, known) == choices.avoid


@pytest.mark.parametrize(
    ("avoided", "query"),
    [
        (Avoided(("a", "b"), is_from_address=True), "avoid=a&avoid=b"),
        (Avoided((), is_from_address=True), "avoid=none"),
        (Avoided(("a", "b")), ""),
        (Avoided(), ""),
    ],
)
def test_links_pass_on_only_what_stood_in_the_address(avoided, query):
    assert avoided.query == query
    assert avoided.passed_on_to("/x/") == (f"/x/?{query}" if query else "/x/")
    assert avoided.passed_on_to("/x/?t=3#t=3") == (
        f"/x/?t=3&{query}#t=3" if query else "/x/?t=3#t=3"
    )


@pytest.mark.django_db
def test_what_a_member_keeps_applies_where_the_address_says_nothing(rf, movements, member):
    keep(member, ["jumping", "twisting"])
    silent, speaking = rf.get("/"), rf.get("/?avoid=kneeling")
    silent.user = speaking.user = member
    known = {"twisting", "kneeling", "jumping"}

    assert avoided_by(silent, known) == Avoided(("twisting", "jumping"))
    with CaptureQueriesContext(connection) as queries:
        assert avoided_by(speaking, known) == Avoided(("kneeling",), is_from_address=True)
    assert len(queries) == 0


@pytest.mark.django_db
def test_nobody_else_avoids_it(movements, member, django_assert_num_queries):
    keep(member, ["jumping"])

    assert kept_by(make_member()) == ()
    with django_assert_num_queries(0):
        assert kept_by(AnonymousUser()) == ()


# --- Marks --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_class_is_marked_for_what_it_contains_and_for_what_nobody_looked_for(movements):
    twisting, kneeling, jumping = movements
    jumping.defined_at = timezone.now() + timedelta(minutes=1)  # after every check
    jumping.save()
    twists = make_checked_class(movements=[twisting])
    unchecked = make_class(movements=[twisting])
    gentle = make_checked_class()
    ids = [twists.pk, unchecked.pk, gentle.pk]

    marks = marks_for(ids, ["twisting", "kneeling"])
    of_jumping = marks_for(ids, ["jumping"])

    assert {pk: (mark.contains, mark.unchecked) for pk, mark in marks.items()} == {
        twists.pk: ((twisting,), ()),
        unchecked.pk: ((twisting,), (kneeling,)),
    }
    assert {pk: mark.unchecked for pk, mark in of_jumping.items()} == dict.fromkeys(ids, (jumping,))


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 8])
def test_marks_take_three_queries_or_none(movements, count, django_assert_num_queries):
    ids = [make_checked_class(movements=movements).pk for _ in range(count)]

    with django_assert_num_queries(3):
        assert len(marks_for(ids, ["twisting"])) == count
    with django_assert_num_queries(0):
        assert marks_for(ids, []) == {}


# --- The page -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_my_avoid_is_for_members_only(client):
    response = client.get(URL)

    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/my/avoid/"
    assert client.post(URL, {"avoid": "twisting"}).status_code == 302
    assert not Avoidance.objects.exists()


@pytest.mark.django_db
def test_my_avoid_keeps_what_is_ticked_and_may_be_sent_twice(client, member, movements):
    for _ in range(2):
        response = client.post(URL, {"avoid": ["jumping", "twisting"]}, follow=True)

        assert response.redirect_chain == [(URL, 302)]
        assert "Kept." in response.text
        assert kept_by(member) == ("twisting", "jumping")

    text = response.text
    assert 'value="twisting" checked' in text
    assert 'value="kneeling" checked' not in text
    assert response["Cache-Control"] == "private, no-cache"


@pytest.mark.django_db
@pytest.mark.parametrize("data", [{}, {"avoid": "none"}])
def test_my_avoid_forgets_everything(client, member, movements, data):
    keep(member, ["twisting"])

    response = client.post(URL, data, follow=True)

    assert "nothing is left out for you any more" in response.text
    assert not Avoidance.objects.exists()
    assert "Avoid nothing" not in response.text


@pytest.mark.django_db
def test_my_avoid_changes_nothing_where_a_movement_is_unknown(client, member, movements):
    keep(member, ["twisting"])

    response = client.post(URL, {"avoid": ["jumping", "flying", "\0"]})

    assert response.status_code == 422
    assert "nothing was changed" in response.text
    assert 'value="jumping" checked' in response.text  # what was ticked is still there
    assert kept_by(member) == ("twisting",)


@pytest.mark.django_db
def test_my_avoid_ticks_a_starter_set_beside_what_is_kept(client, member, movements):
    keep(member, ["twisting"])
    make_avoid_set(name="Knees", slug="knees", movements=movements[1:])

    text = client.get(URL, {"start": "knees"}).text

    assert text.count('" checked') == 3
    assert "Nothing is kept until you press the button" in text
    assert kept_by(member) == ("twisting",)
    assert client.get(URL, {"start": "\0elbows"}).text.count('" checked') == 1


@pytest.mark.django_db
def test_my_avoid_leads_back_only_to_this_site(client, member, movements):
    here = client.post(URL, {"avoid": "twisting", "next": "/classes/?level=open"})
    elsewhere = client.post(URL, {"avoid": "twisting", "next": "https://elsewhere.example/"})

    assert here["Location"] == "/classes/?level=open"
    assert elsewhere["Location"] == URL


@pytest.mark.django_db
def test_my_avoid_wants_a_token(member, movements):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(member)

    assert strict.post(URL, {"avoid": "twisting"}).status_code == 403
    assert kept_by(member) == ()


@pytest.mark.django_db
def test_what_somebody_avoided_goes_with_their_account(member, movements):
    keep(member, ["twisting"])

    member.delete()

    assert not Avoidance.objects.exists()
    assert not Avoidance.movements.through.objects.exists()
