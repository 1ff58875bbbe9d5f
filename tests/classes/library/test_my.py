"""The pages of a member's library."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from classes.body.avoiding import keep
from classes.catalogue import keeping
from classes.library import history
from classes.library.saving import save_class, saved_classes
from classes.models import HistoryPause, Viewing, WorkoutClass
from tests.factories import (
    make_checked_class,
    make_class,
    make_member,
    make_membership,
    make_movement,
    make_viewing,
)

PAGES = ["/my/", "/my/saved/", "/my/history/", "/my/history/clear/"]


@pytest.fixture
def member(client):
    member = make_member()
    make_membership(member)
    client.force_login(member)
    return member


def queries_of(client, address: str) -> int:
    """For a page whose cards were never asked for, once the process knows the catalogue."""
    keeping.current()
    client.get(address)
    caches["fragments"].clear()
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def titles(page) -> list[str]:
    """Of what was saved."""
    return [re.search(r"<a [^>]*>(.*?)</a>", place.card.html)[1] for place in page.context["saved"]]


# --- Whose pages they are -----------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_visitor_signs_in_and_comes_back(client, address):
    response = client.get(address)

    assert response.status_code == 302
    assert response.url == f"/accounts/login/?next={address}"


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_page_is_kept_by_nobody_and_not_to_be_found(client, member, address):
    response = client.get(address)

    assert response.headers["Cache-Control"] == "private, no-store"
    assert '<meta name="robots" content="noindex">' in response.text


@pytest.mark.django_db
def test_nobody_sees_what_is_another_members(client, member):
    other = make_member()
    workout_class = make_class(title="Undo the Desk")
    save_class(other, workout_class.pk)
    make_viewing(other, workout_class.variants.get(), second=90)

    for address in PAGES:
        assert "Undo the Desk" not in client.get(address).text


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/my/", "/my/saved/", "/my/history/"])
def test_pages_take_nothing_but_a_look(client, member, address):
    assert client.post(address).status_code == 405


# --- Everything at once -------------------------------------------------------------------------


@pytest.mark.django_db
def test_empty_library_says_what_to_do_next(client, member):
    text = client.get("/my/").text

    assert "Nothing is here yet" in text
    assert "Save one, and this is where you find it again." in text
    assert 'href="/classes/">Find a class</a>' in text


@pytest.mark.django_db
def test_begun_class_says_how_far_and_leads_to_its_film(client, member):
    workout_class = make_class(title="Undo the Desk", slug="undo-the-desk")
    make_viewing(member, workout_class.variants.get(), second=750)

    text = client.get("/my/").text

    assert "12:30 of 20:00" in text
    assert '<progress max="1200" value="750"' in text
    assert 'href="/classes/undo-the-desk/">Undo the Desk</a>' in text


@pytest.mark.django_db
def test_done_class_is_in_the_history_only(client, member):
    workout_class = make_class(title="Undo the Desk")
    make_viewing(member, workout_class.variants.get(), continues=False, done_at=timezone.now())

    response = client.get("/my/")

    assert response.context["begun"] == []
    assert "Nothing is half done." in response.text
    assert [line.title for day in response.context["days"] for line in day.lines] == [
        "Undo the Desk"
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/my/", "/my/saved/"])
def test_saved_class_says_that_it_was_done(client, member, address):
    done, begun = make_class(title="Done"), make_class(title="Begun")
    for workout_class in (done, begun):
        save_class(member, workout_class.pk)
    make_viewing(member, done.variants.get(), continues=False, done_at=timezone.now())
    make_viewing(member, begun.variants.get(), second=90)

    saved = client.get(address).context["saved"]

    assert ["card-done" in place.own for place in saved] == [False, True]
    assert all('value="0" aria-pressed="true" data-save' in place.own for place in saved)


@pytest.mark.django_db
def test_retired_class_stays_and_says_so(client, member):
    workout_class = make_class(title="Undo the Desk", state="retired")
    save_class(member, workout_class.pk)
    make_viewing(member, workout_class.variants.get(), second=60)

    response = client.get("/my/")

    assert [place.card.is_listed for place in response.context["begun"]] == [False]
    assert response.text.count("It has left the catalogue; its page stays.") == 3
    assert response.text.count(">Undo the Desk</a>") == 3


@pytest.mark.django_db
def test_class_that_is_a_draft_again_keeps_its_place_without_its_name(client, member):
    workout_class = make_class(title="Undo the Desk")
    save_class(member, workout_class.pk)
    make_viewing(member, workout_class.variants.get(), second=60)
    WorkoutClass.objects.update(state="draft")

    response = client.get("/my/")

    assert response.context["begun"] == []
    assert "A class that you saved is not to be seen now." in response.text
    assert "A class that is not to be seen now" in response.text
    assert "Undo the Desk" not in response.text
    assert f'formaction="/my/saved/{workout_class.slug}/"' in response.text  # can be given up


@pytest.mark.django_db
def test_saved_class_without_a_film_keeps_its_card(client, member):
    workout_class = make_class(title="Undo the Desk", variant=False)
    save_class(member, workout_class.pk)

    text = client.get("/my/").text

    assert ">Undo the Desk</a>" in text
    assert "The film is on its way" in text


@pytest.mark.django_db
def test_what_the_member_avoids_is_marked_and_stays(client, member):
    movement = make_movement(name="Twisting")
    workout_class = make_checked_class(title="Undo the Desk", movements=[movement])
    save_class(member, workout_class.pk)
    keep(member, [movement.slug])

    text = client.get("/my/").text

    assert ">Undo the Desk</a>" in text
    assert "Contains what you avoid: Twisting" in " ".join(text.split())


@pytest.mark.django_db
def test_without_a_membership_the_library_stays_and_says_why_films_do_not_open(client):
    member = make_member()
    make_membership(member, ends_at=timezone.now() - timedelta(hours=1))
    client.force_login(member)
    save_class(member, make_class(title="Undo the Desk").pk)

    text = client.get("/my/").text

    assert "Your membership ended" in text
    assert "only free classes play whole" in text
    assert 'href="/accounts/membership/"' in text
    assert ">Undo the Desk</a>" in text


@pytest.mark.django_db
def test_with_a_membership_nothing_is_said_of_it(client, member):
    assert "only free classes play whole" not in client.get("/my/").text


@pytest.mark.django_db
def test_page_of_everything_has_the_last_few_and_leads_to_all(client, member):
    for _ in range(9):
        workout_class = make_class()
        save_class(member, workout_class.pk)
        make_viewing(member, workout_class.variants.get(), continues=False)

    response = client.get("/my/")

    assert len(response.context["saved"]) == 8
    assert "All 9 saved classes" in response.text
    assert sum(len(day.lines) for day in response.context["days"]) == 5
    assert "Your whole history: 9 films" in response.text


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("avoids", [False, True])
def test_queries_are_as_many_for_eight_as_for_one(client, member, address, avoids):
    movement = make_movement()
    if avoids:
        keep(member, [movement.slug])

    def add(state: str) -> None:
        workout_class = make_class(state=state, movements=[movement])
        save_class(member, workout_class.pk)
        make_viewing(member, workout_class.variants.get(), second=60)

    add("published")
    add("retired")
    few = queries_of(client, address)
    for _ in range(4):
        add("published")
        add("retired")

    assert queries_of(client, address) == few
    # For all: session and member. The library: begun, saved and their number, catalogue, cards,
    # four for what is not listed, what is avoided, what of it was done, history and its films, its
    # number, pause, membership, whether the account is to be deleted.
    most = {"/my/": 18, "/my/saved/": 11, "/my/history/": 6, "/my/history/clear/": 3}[address]
    assert few <= most + (3 if avoids else 0)


# --- Saved, page by page ------------------------------------------------------------------------


@pytest.mark.django_db
def test_saved_classes_are_paged_the_last_saved_first(client, member):
    for number in range(26):
        save_class(member, make_class(title=f"No. {number}").pk)

    first, second = client.get("/my/saved/"), client.get("/my/saved/?page=2")

    assert titles(first)[:2] == ["No. 25", "No. 24"]
    assert titles(second) == ["No. 1", "No. 0"]
    assert '<input type="hidden" name="next" value="/my/saved/?page=2">' in second.text


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["x", "99", "-1", "99999999999999999999", "%00", "%FF"])
def test_page_that_there_is_not_is_said_and_the_first_is_shown(client, member, page):
    save_class(member, make_class(title="Undo the Desk").pk)

    for address in ("/my/saved/", "/my/history/"):
        response = client.get(f"{address}?page={page}")

        assert response.status_code == 200
        assert 'class="notice"' in response.text


@pytest.mark.django_db
def test_given_up_without_a_script_can_be_put_back(client, member):
    workout_class = make_class(title="Undo the Desk")
    save_class(member, workout_class.pk)
    url = f"/my/saved/{workout_class.slug}/"

    gone = client.post(url, {"save": "0", "next": "/my/saved/", "undo": "1"}, follow=True)
    back = client.post(url, {"save": "1", "next": "/my/saved/", "undo": "1"}, follow=True)

    assert "“Undo the Desk” is not saved any more." in gone.text
    assert ">Put back</button>" in gone.text
    assert titles(back) == ["Undo the Desk"]
    assert ">Put back</button>" not in back.text


@pytest.mark.django_db
def test_what_is_put_back_without_a_script_stands_where_it_stood(client, member):
    first, second = make_class(), make_class()
    save_class(member, first.pk, saved_at=timezone.now() - timedelta(days=30))
    save_class(member, second.pk)
    url = f"/my/saved/{first.slug}/"

    gone = client.post(url, {"save": "0", "next": "/my/saved/", "undo": "1"}, follow=True)
    since = re.search(r'form="save-class" name="since" value="([^"]+)"', gone.text)[1]
    client.post(url, {"save": "1", "since": html.unescape(since), "next": "/my/saved/"})

    assert [each.class_id for each in saved_classes(member, 0, 9)] == [second.pk, first.pk]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("saved", "number", "leads_to"), [(25, 2, ""), (26, 2, "?page=2"), (49, 3, "?page=2")]
)
def test_giving_up_the_last_of_a_page_leads_to_the_last_there_is(
    client, member, saved, number, leads_to
):
    classes = [make_class() for _ in range(saved)]
    for workout_class in classes:
        save_class(member, workout_class.pk)
    given_up = {"save": "0", "next": f"/my/saved/?page={number}"}

    response = client.post(f"/my/saved/{classes[0].slug}/", given_up)

    assert response.url == f"/my/saved/{leads_to}"


@pytest.mark.django_db
def test_what_was_the_last_of_its_page_can_be_put_back(client, member):
    classes = [make_class(title=f"No. {number}") for number in range(25)]
    for workout_class in classes:
        save_class(member, workout_class.pk)
    given_up = {"save": "0", "next": "/my/saved/?page=2", "undo": "1"}

    response = client.post(f"/my/saved/{classes[0].slug}/", given_up, follow=True)

    assert response.redirect_chain[0][0].startswith("/my/saved/?unsaved=")
    assert "There is no page" not in response.text
    assert ">Put back</button>" in response.text


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["nowhere", "%00", "a b", "%FF", "x" * 5000])
def test_address_that_gave_up_nothing_says_nothing(client, member, slug):
    response = client.get(f"/my/saved/?unsaved={slug}")

    assert response.status_code == 200
    assert ">Put back</button>" not in response.text


# --- History ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_history_is_by_the_members_own_day(client, member, time_machine):
    """Half past ten in the evening by UTC is the next day in Athens, and the same in Lima."""
    time_machine.move_to(datetime(2026, 5, 10, 12, tzinfo=UTC), tick=False)
    workout_class = make_class()
    make_viewing(
        member, workout_class.variants.get(), seen_at=datetime(2026, 5, 3, 22, 30, tzinfo=UTC)
    )

    for zone, day in (("America/Lima", "2026-05-03"), ("Europe/Athens", "2026-05-04")):
        member.time_zone = zone
        member.save()
        response = client.get("/my/history/")
        assert [each.day.isoformat() for each in response.context["days"]] == [day]


@pytest.mark.django_db
def test_line_is_taken_out_with_all_that_is_known_of_it(client, member):
    kept_class, workout_class = make_class(title="Stays"), make_class(title="Undo the Desk")
    make_viewing(member, kept_class.variants.get())
    viewing = make_viewing(member, workout_class.variants.get(), second=60, times_done=2)

    response = client.post(
        f"/my/history/{viewing.pk}/forget/", {"next": "/my/history/?page=1"}, follow=True
    )

    assert response.redirect_chain == [("/my/history/?page=1", 303)]
    assert "It is out of your history" in response.text
    assert "Undo the Desk" not in response.text
    assert [each.workout_class.title for each in Viewing.objects.all()] == ["Stays"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kept", "number", "leads_to"), [(25, 2, ""), (26, 2, "?page=2"), (49, 3, "?page=2")]
)
def test_taking_out_the_last_line_of_a_page_leads_to_the_last_there_is(
    client, member, kept, number, leads_to
):
    lines = [make_viewing(member, make_class().variants.get()) for _ in range(kept)]

    response = client.post(
        f"/my/history/{lines[0].pk}/forget/", {"next": f"/my/history/?page={number}"}
    )

    assert response.url == f"/my/history/{leads_to}"


@pytest.mark.django_db
def test_line_taken_out_elsewhere_leads_back_there(client, member):
    viewing = make_viewing(member, make_class().variants.get())

    response = client.post(f"/my/history/{viewing.pk}/forget/", {"next": "/my/?page=2"})

    assert response.url == "/my/?page=2"


@pytest.mark.django_db
def test_line_taken_out_twice_says_that_it_is_gone(client, member):
    viewing = make_viewing(member, make_class().variants.get())
    client.post(f"/my/history/{viewing.pk}/forget/")

    response = client.post(f"/my/history/{viewing.pk}/forget/", follow=True)

    assert "gone from your history already" in response.text


@pytest.mark.django_db
def test_line_of_another_member_stays(client, member):
    viewing = make_viewing(make_member(), make_class().variants.get())

    response = client.post(f"/my/history/{viewing.pk}/forget/", follow=True)

    assert "gone from your history already" in response.text  # as one that never was
    assert Viewing.objects.filter(pk=viewing.pk).exists()


@pytest.mark.django_db
def test_line_with_a_number_that_no_row_has(client, member):
    response = client.post("/my/history/99999999999999999999/forget/", follow=True)

    assert response.status_code == 200
    assert "gone from your history already" in response.text


@pytest.mark.django_db
def test_clearing_asks_once_and_takes_everything_but_what_is_saved(client, member):
    workout_class = make_class(title="Undo the Desk")
    save_class(member, workout_class.pk)
    make_viewing(member, workout_class.variants.get())
    others = make_viewing(make_member(), workout_class.variants.get())

    asked = client.get("/my/history/clear/")
    assert "1 film would be forgotten" in asked.text
    assert Viewing.objects.filter(member=member).exists()

    cleared = client.post("/my/history/clear/", follow=True)
    again = client.post("/my/history/clear/", follow=True)

    assert "Your history is empty: 1 film is forgotten." in cleared.text
    assert again.status_code == 200
    assert list(Viewing.objects.all()) == [others]
    assert member.saved_classes.count() == 1


@pytest.mark.django_db
def test_history_is_paused_and_kept_again(client, member):
    paused = [client.post("/my/history/pause/", {"pause": "1"}, follow=True) for _ in range(2)]
    assert history.paused_since(member) is not None
    assert "nothing of what you watch is written down" in paused[-1].text
    assert "no class counts as done" in paused[-1].text

    kept = [client.post("/my/history/pause/", {"pause": "0"}, follow=True) for _ in range(2)]
    assert history.paused_since(member) is None
    assert "Paused since" not in kept[-1].text
    assert not HistoryPause.objects.exists()


@pytest.mark.django_db
def test_pause_that_says_neither_is_refused(client, member):
    assert client.post("/my/history/pause/", {"pause": "perhaps"}).status_code == 400
    assert not HistoryPause.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("action", ["pause/", "1/forget/"])
def test_who_was_signed_out_is_led_to_the_history_and_nothing_is_done(client, action):
    member = make_member()

    away = client.post(f"/my/history/{action}", {"pause": "1"})
    client.force_login(member)

    assert away.url == f"/accounts/login/?next=/my/history/{action}"
    assert client.get(f"/my/history/{action}").url == "/my/history/"
    assert not HistoryPause.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("action", ["clear/", "pause/", "1/forget/"])
def test_changes_need_the_token_of_the_form(member, action):
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    viewing = make_viewing(member, make_class().variants.get())

    response = client.post(f"/my/history/{action.replace('1', str(viewing.pk))}", {"pause": "1"})

    assert response.status_code == 403
    assert Viewing.objects.exists()
    assert not HistoryPause.objects.exists()
