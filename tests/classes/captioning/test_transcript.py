"""The transcript under a film: in which language, for whom, and what it costs."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from classes.captioning.transcript import transcript_of
from classes.captioning.webvtt import PlainCue
from classes.catalogue import keeping
from classes.models import Captions, State
from comments import rendering
from tests.factories import make_class, make_instructor, make_member, make_membership

pytestmark = pytest.mark.django_db

TEXTS = {"en": "Lie on your back.", "es": "Túmbate boca arriba.", "fr": "Allonge-toi."}


def make_captions(variant, *languages):
    for language in languages:
        cue = PlainCue(12.9, 14, TEXTS[language], "Marit")
        Captions.objects.store(variant, language, [cue])


@pytest.fixture
def free_class(db):
    return make_class(is_free=True)


@pytest.fixture
def variant(free_class):
    return free_class.variants.get()


@pytest.fixture
def member_client(client):
    member = make_member()
    make_membership(member)
    client.force_login(member)
    return client


# --- In which language --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reads", "asked", "shown"),
    [
        ("es", "", "es"),
        ("en", "", "en"),
        ("de", "", "en"),  # what is spoken
        ("es", "fr", "fr"),
        ("es", "de", "es"),
        ("es", "ES", "es"),
    ],
)
def test_transcript_is_in_the_language_that_suits_the_reader(variant, reads, asked, shown):
    make_captions(variant, "es", "fr", "en")

    with translation.override(reads):
        transcript = transcript_of(variant, asked)

    assert transcript.captions.language == shown
    assert [choice.language for choice in transcript.choices if choice.is_current] == [shown]
    assert transcript.is_asked_for == (asked == shown)


def test_transcript_takes_a_language_that_nobody_asked_for_rather_than_none(variant):
    make_captions(variant, "fr", "es")

    with translation.override("de"):
        assert transcript_of(variant).captions.language == "es"


def test_transcript_in_one_language_offers_no_choice(variant):
    make_captions(variant, "en")

    assert transcript_of(variant).choices == []


def test_film_without_captions_has_no_transcript(variant):
    assert transcript_of(variant) is None


# --- On the page --------------------------------------------------------------------------------


def test_each_line_leads_to_its_second_of_the_film(client, free_class, variant):
    make_captions(variant, "en")

    page = client.get(free_class.get_absolute_url()).content.decode()

    assert '<a href="?t=12#t=12" data-t="12">' in page
    assert "0:12" in page
    assert "<b>Marit:</b> </a>" not in page
    assert "Lie on your back." in page
    assert '<ol class="transcript-lines" role="list" lang="en" dir="ltr">' in page


def test_speaker_is_named_where_somebody_else_goes_on(client, free_class, variant):
    speakers = ["Marit", "Marit", "Tomás", "Marit", ""]
    cues = [PlainCue(at, at + 1, f"Line {at}", who) for at, who in enumerate(speakers)]
    Captions.objects.store(variant, "en", cues)

    page = client.get(free_class.get_absolute_url()).content.decode()

    assert page.count("<b>Marit:</b>") == 2
    assert page.count("<b>Tomás:</b>") == 1
    assert "<b>:</b>" not in page


def test_words_of_a_transcript_are_words_and_no_markup(client, free_class, variant):
    Captions.objects.store(variant, "en", [PlainCue(1, 2, "<script>x</script>", "<b>")])

    page = client.get(free_class.get_absolute_url()).content.decode()

    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert "<script>x" not in page


def test_reader_chooses_another_language_by_a_link(client, free_class, variant):
    make_captions(variant, "en", "es")
    address = free_class.get_absolute_url()

    closed = client.get(address).content.decode()
    chosen = client.get(f"{address}?transcript=es").content.decode()

    assert 'href="?transcript=es#transcript" rel="nofollow" lang="es"' in closed
    assert '<details class="transcript" id="transcript">' in closed
    assert '<details class="transcript" id="transcript" open>' in chosen
    assert TEXTS["es"] in chosen
    assert TEXTS["en"] not in chosen


def test_replaced_captions_show_at_once(client, free_class, variant):
    make_captions(variant, "en")
    client.get(free_class.get_absolute_url())

    Captions.objects.store(variant, "en", [PlainCue(1, 2, "Stand up.")])
    page = client.get(free_class.get_absolute_url()).content.decode()

    assert "Stand up." in page
    assert TEXTS["en"] not in page


# --- For whom -----------------------------------------------------------------------------------


def test_member_reads_the_transcript_and_a_visitor_does_not(client, member_client):
    workout_class = make_class()
    make_captions(workout_class.variants.get(), "en", "es")
    address = f"{workout_class.get_absolute_url()}?transcript=en"

    assert TEXTS["en"] in member_client.get(address).content.decode()
    client.logout()
    page = client.get(address).content.decode()

    assert TEXTS["en"] not in page
    assert 'id="transcript"' not in page


def test_member_without_a_membership_reads_no_transcript(client):
    workout_class = make_class()
    make_captions(workout_class.variants.get(), "en")
    client.force_login(make_member())

    assert TEXTS["en"] not in client.get(workout_class.get_absolute_url()).content.decode()


def test_transcript_of_a_draft_is_for_those_who_make_it(client, member_client):
    teacher = make_member()
    workout_class = make_class(
        state=State.PUBLISHED,
        published_at=timezone.now() + timedelta(days=1),
        instructors=[make_instructor(member=teacher)],
    )
    make_captions(workout_class.variants.get(), "en")

    assert member_client.get(workout_class.get_absolute_url()).status_code == 404
    client.force_login(teacher)
    assert TEXTS["en"] in client.get(workout_class.get_absolute_url()).content.decode()


# --- What it costs ------------------------------------------------------------------------------


@pytest.mark.parametrize(("languages", "cues"), [(1, 1), (3, 400)])
def test_transcript_query_count_is_constant(client, free_class, variant, languages, cues):
    address = free_class.get_absolute_url()
    without_captions = queries(client, address)
    lines = [PlainCue(second, second + 1, "x") for second in range(cues)]
    for language in list(TEXTS)[:languages]:
        Captions.objects.store(variant, language, lines)

    caches["fragments"].clear()
    rendering.forget_pages()
    first, second = queries(client, address), queries(client, address)

    assert first == without_captions + 1  # the cues
    assert second == 1  # the page is kept


def queries(client, address) -> int:
    keeping.current()  # what the catalogue reads after a change is its own matter
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return len(captured)
