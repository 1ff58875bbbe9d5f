"""The privacy page: what it says to everybody, and what a member can do there."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import Departure, Export
from accounts.privacy import archives, exports, registry, retention
from accounts.privacy.leaving import ask
from accounts.privacy.retention import in_words
from classes.watch.passes import new_pass
from config import settings as site_settings
from tests.factories import make_member

pytestmark = pytest.mark.django_db

PAGE = "/accounts/privacy/"


def test_a_visitor_reads_all_that_is_kept_without_a_session(client):
    response = client.get(PAGE)

    said = response.content.decode()
    for entry in (*registry.holdings(), *registry.traces()):
        assert str(entry.title) in said
    for rule in retention.rules():
        assert (str(rule.title) in said) is rule.is_said
    assert "csrf" not in response.cookies
    assert not response.cookies
    assert Session.objects.count() == 0
    assert response["Cache-Control"] == "public, s-maxage=60"


def test_a_visitor_costs_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get(PAGE)


def test_the_hash_that_remembers_a_trial_is_named_with_its_24_months(client):
    page = client.get(PAGE).content.decode()

    trial = page.index("That an address had its trial")
    assert "<dd>24 months</dd>" in page[trial : trial + 200]


def test_every_cookie_of_the_site_is_named(client):
    page = client.get(PAGE).content.decode()

    named = [name for name in vars(site_settings) if name.endswith("_COOKIE_NAME")]
    assert len(named) >= 5
    for name in named:
        assert f"<strong>{getattr(site_settings, name)}</strong>" in page


def test_the_films_cookie_is_said_to_be_kept_as_long_as_it_is(client):
    """Made at any moment of a day, the longest of them holds as long as the page says."""
    with time_machine.travel(datetime(2026, 5, 3, tzinfo=UTC), tick=False) as clock:
        lengths = []
        for _quarter in range(24 * 4):
            clock.shift(timedelta(minutes=15))
            lengths.append(new_pass(1).seconds_left)
    page = client.get(PAGE).content.decode()

    said = page[page.index(f"<strong>{site_settings.FILM_COOKIE_NAME}</strong>") :]
    assert in_words(timedelta(seconds=max(lengths))) == "12 hours"
    assert said.index("12 hours") < said.index(f"<strong>{site_settings.DEVICE_COOKIE_NAME}")


def test_the_page_speaks_the_readers_language(client):
    assert 'lang="es"' in client.get(PAGE, headers={"accept-language": "es"}).content.decode()


def test_other_methods_are_refused(client):
    assert client.post(PAGE).status_code == 405


@pytest.mark.parametrize("count", [1, 8])
def test_a_member_costs_a_constant_number_of_queries(client, count, django_assert_max_num_queries):
    member = make_member()
    client.force_login(member)
    for _time in range(count):
        Export.objects.create(member=member, state=Export.State.FAILED)

    client.get(PAGE)
    with django_assert_max_num_queries(5):  # session, who it is, desk, export, departure
        client.get(PAGE)


def test_a_member_finds_the_button_and_what_is_theirs_to_change(client):
    client.force_login(make_member())

    page = client.get(PAGE).content.decode()

    assert "Put my data together" in page
    for address in ("/my/history/", "/my/avoid/", "/my/mail/", "/accounts/sessions/"):
        assert f'href="{address}"' in page
    assert 'href="/accounts/privacy/leave/"' in page


@pytest.mark.parametrize(
    ("state", "words", "has_button"),
    [
        (Export.State.WAITING, "is being put together", False),
        (Export.State.MAKING, "is being put together", False),
        (Export.State.READY, "Fetch your data", True),
        (Export.State.FAILED, "could not be put together", True),
    ],
)
def test_a_member_is_told_how_far_it_is(client, state, words, has_button):
    member = make_member()
    client.force_login(member)
    if state == Export.State.READY:
        exports.make(exports.ask(member)[0].pk)
    else:
        Export.objects.create(member=member, state=state)

    page = client.get(PAGE).content.decode()

    assert words in page
    assert ('action="/accounts/privacy/exports/"' in page) is has_button


def test_one_that_is_past_its_time_is_not_offered(client):
    member = make_member()
    client.force_login(member)
    Export.objects.create(member=member, state=Export.State.READY, expires_at=timezone.now())

    page = client.get(PAGE).content.decode()

    assert "Fetch your data" not in page
    assert "Put my data together" in page


def test_one_whose_file_is_lost_is_not_offered(client):
    member = make_member()
    client.force_login(member)
    export, _is_new = exports.ask(member)
    exports.make(export.pk)
    archives.remove([export.pk])

    page = client.get(PAGE).content.decode()

    assert "Fetch your data" not in page
    assert "Put my data together" in page


def test_films_from_a_bucket_are_named(client, settings):
    assert "the storage that the studio rents" not in client.get(PAGE).content.decode()

    settings.VIDEO_SERVE = "s3"

    assert "the storage that the studio rents" in client.get(PAGE).content.decode()


def test_who_is_leaving_is_told_and_can_stay(client):
    member = make_member()
    client.force_login(member)
    ask(member, Departure.Words.PLACEHOLDER)

    page = client.get(PAGE).content.decode()

    assert "Your account will be deleted on" in page
    assert 'action="/accounts/privacy/leave/stay/"' in page
