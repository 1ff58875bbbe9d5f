"""The timeline page: lines stored whole or not at all, and filled in from other films."""

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from classes.admin.timelines import OffsetField
from classes.body.timeline import plain_chapters
from classes.models import Chapter, Tempo, WorkoutClass
from tests.factories import (
    make_chapter,
    make_checked_class,
    make_class,
    make_exercise,
    make_focus_tag,
    make_member,
    make_movement,
    make_variant,
    make_video,
)

from .conftest import messages_of


@pytest.fixture
def saw(db):
    return make_exercise(name="Saw", slug="saw", movements=[make_movement(name="Twisting")])


@pytest.fixture
def variant(db):
    """A film of twenty minutes without a timeline."""
    return make_class(title="Morning").variants.get()


def page_of(variant) -> str:
    return reverse("admin:classes_timeline", args=[variant.pk])


def box(response) -> str:
    """What stands in the box for the lines."""
    return response.context["page"].text


def send(desk, variant, text: str, **changes):
    """Save these lines, as from a page that was opened just now."""
    seen = desk.get(page_of(variant)).context["page"].seen
    return desk.post(page_of(variant), {"text": text, "seen": seen, **changes}, follow=True)


# --- Saving -------------------------------------------------------------------------------------


def test_lines_become_chapters_and_print_back_as_lines(desk, variant, saw):
    make_movement(name="Kneeling")
    text = '0:00 "Welcome" +Kneeling | What you need\n1:30 Saw -Twisting\n'

    response = send(desk, variant, text.replace("\n", "\r\n"))

    assert "The timeline is stored, with 2 chapters." in messages_of(response)
    assert [(c.label, c.start, c.end) for c in plain_chapters(variant)] == [
        ("Welcome", 0, 90),
        ("Saw", 90, 1200),
    ]
    assert box(response) == text
    workout_class = variant.workout_class
    assert [movement.name for movement in workout_class.movements.all()] == ["Kneeling"]


def test_saving_is_in_the_log_and_in_the_history_of_the_class(desk, curator, variant, saw):
    send(desk, variant, "0:00 Saw")

    newest = variant.workout_class.history.first()
    assert newest.history_user == curator
    assert "timeline" in newest.history_change_reason
    assert "The timeline was changed" in LogEntry.objects.get().change_message


def test_saving_takes_the_check_back_and_says_so(desk, saw):
    workout_class = make_checked_class()

    response = send(desk, workout_class.variants.get(), "0:00 Saw")

    workout_class.refresh_from_db()
    assert not workout_class.is_checked
    assert "The body check is taken back. The timeline of “" in messages_of(response)
    assert ".." not in messages_of(response)


def test_the_same_lines_again_change_nothing(desk, saw):
    workout_class = make_class()
    send(desk, workout_class.variants.get(), "0:00 Saw")
    WorkoutClass.objects.update(checked_by=make_member(), checked_at="2026-01-01T00:00Z")
    lines = workout_class.history.count()

    response = send(desk, workout_class.variants.get(), "  0:00   the saw ")

    workout_class.refresh_from_db()
    assert "nothing is changed" in messages_of(response)
    assert workout_class.is_checked
    assert workout_class.history.count() == lines


def test_an_empty_box_takes_the_timeline_away(desk, variant, saw):
    send(desk, variant, "0:00 Saw")

    send(desk, variant, "\n \n")

    assert not Chapter.objects.exists()


def test_every_wrong_line_is_answered_and_nothing_is_stored(desk, variant, saw):
    text = "0:00 Sow\n1:00 Saw\n0:30 Saw +twistin\n99:00 Saw\n"

    response = send(desk, variant, text)

    page = response.content.decode()
    assert [fault.line for fault in response.context["page"].faults] == [1, 3, 3, 4]
    assert "No exercise is called “Sow”. Did you mean Saw?" in page
    assert "Did you mean Twisting?" in page
    assert "past the end of the film" in page
    assert "Nothing is stored until all lines are right." in page
    assert box(response) == text
    assert not Chapter.objects.exists()


def test_only_the_first_faults_of_many_are_shown(desk, variant):
    response = send(desk, variant, "no time\n" * 30)

    page = response.content.decode()
    assert "Line 20<" in page
    assert "Line 21<" not in page
    assert "And 10 more like these." in page


@pytest.mark.parametrize("text", ["\x00", "0:00 \x00", "0:00 Saw\u202e", "x" * 100_000, "😀" * 600])
def test_odd_text_is_answered_on_the_page(desk, variant, text):
    response = send(desk, variant, text)

    assert response.status_code == 200
    assert response.context["page"].faults
    assert box(response) == text


def test_chapter_that_a_tag_forbids_is_refused_with_its_line(desk, variant, saw):
    tag = make_focus_tag(name="Spine Safe", forbids=list(saw.movements.all()))
    variant.workout_class.focus_tags.add(tag)

    response = send(desk, variant, '0:00 "Welcome"\n\n12:34 Saw\n')

    [fault] = response.context["page"].faults
    assert (fault.line, fault.text) == (3, "12:34 Saw")
    assert fault.sentence == "“Spine Safe” forbids what happens here: Twisting."
    assert not Chapter.objects.exists()


def test_what_a_chapter_leaves_out_is_not_forbidden(desk, variant, saw):
    tag = make_focus_tag(forbids=list(saw.movements.all()))
    variant.workout_class.focus_tags.add(tag)

    send(desk, variant, "0:00 Saw -Twisting")

    assert Chapter.objects.exists()


def test_who_saved_first_is_not_overwritten_unseen(desk, variant, saw):
    seen = desk.get(page_of(variant)).context["page"].seen
    send(desk, variant, "0:00 Saw | mine")

    late = desk.post(page_of(variant), {"text": "0:00 Saw | yours", "seen": seen})

    page = late.content.decode()
    assert "Somebody else has changed this timeline" in page
    assert "0:00 Saw | mine" in page and "0:00 Saw | yours" in page
    assert Chapter.objects.get().note == "mine"

    again = {"text": "0:00 Saw | yours", "seen": late.context["page"].seen}
    desk.post(page_of(variant), again)
    assert Chapter.objects.get().note == "yours"


def test_a_film_that_was_replaced_meanwhile_is_seen_before_saving(desk, variant, saw):
    seen = desk.get(page_of(variant)).context["page"].seen
    variant.video = make_video(variant)
    variant.save()

    late = desk.post(page_of(variant), {"text": "0:00 Saw", "seen": seen})

    assert "Somebody else has changed this timeline or its film" in late.content.decode()
    assert not Chapter.objects.exists()


def test_a_refusal_does_not_hide_that_somebody_saved_first(desk, variant, saw):
    seen = desk.get(page_of(variant)).context["page"].seen
    send(desk, variant, "0:00 Saw | mine")
    refused = desk.post(page_of(variant), {"text": "0:00 Sow", "seen": seen})

    late = desk.post(
        page_of(variant), {"text": "0:00 Saw | yours", "seen": refused.context["page"].seen}
    )

    assert "Somebody else has changed this timeline" in late.content.decode()
    assert Chapter.objects.get().note == "mine"


# --- The page -----------------------------------------------------------------------------------


def test_page_names_the_gaps(desk, variant, saw):
    send(desk, variant, "1:00-2:00 Saw\n2:10 Saw\n")

    page = desk.get(page_of(variant)).content.decode()

    assert "0:00–1:00" in page
    assert "2:00–2:10" not in page


def test_whole_timeline_is_said_to_be_whole(desk, variant, saw):
    send(desk, variant, "0:00 Saw")

    assert "leaves nothing of the film out" in desk.get(page_of(variant)).content.decode()


def test_timeline_that_is_longer_than_its_film_is_said_to_be(desk, variant, saw):
    make_chapter(variant, 0, 1300, exercise=saw)

    assert "longer than this film" in desk.get(page_of(variant)).content.decode()


def test_page_lists_what_a_line_may_name(desk, variant, saw):
    make_exercise(name="Hundred", aliases=["100s"])

    page = desk.get(page_of(variant)).content.decode()

    assert "<b>Saw</b>" in page and "100s" in page
    assert "<b>Twisting</b>" in page
    assert "style=" not in page and "onclick=" not in page


def test_variant_without_a_film_has_no_box(desk):
    variant = make_variant(make_class(variant=False), ready=False)

    page = desk.get(page_of(variant)).content.decode()
    desk.post(page_of(variant), {"text": '0:00 "Welcome"'})

    assert "once one plays" in page
    assert "<textarea" not in page
    assert not Chapter.objects.exists()


def test_class_page_leads_to_the_timeline_of_each_film(desk, variant):
    address = reverse("admin:classes_workoutclass_change", args=[variant.workout_class_id])

    assert page_of(variant) in desk.get(address).content.decode()


@pytest.mark.parametrize("count", [1, 30])
def test_page_query_count_is_constant(desk, django_assert_num_queries, variant, count):
    for number in range(count):
        exercise = make_exercise(movements=[make_movement()])
        make_chapter(
            variant, 40 * number, 40 * number + 40, exercise=exercise, adds=[make_movement()]
        )

    with django_assert_num_queries(14):
        desk.get(page_of(variant))


def test_who_may_only_look_reads_the_lines_and_stores_none(client, curator, variant, saw):
    curator.groups.clear()
    curator.user_permissions.add(Permission.objects.get(codename="view_workoutclass"))
    client.force_login(type(curator).objects.get(pk=curator.pk))

    page = client.get(page_of(variant))
    response = client.post(
        page_of(variant), {"text": "0:00 Saw", "seen": page.context["page"].seen}
    )

    assert re.search(r"<textarea[^>]* readonly", page.content.decode())
    assert response.status_code == 403
    assert not Chapter.objects.exists()


def test_staff_without_the_group_see_no_timeline(client, variant):
    client.force_login(make_member(is_staff=True))

    assert client.get(page_of(variant)).status_code == 403


# --- Filling in ---------------------------------------------------------------------------------


@pytest.fixture
def slow(variant, saw):
    """Another film of the same class, of half an hour, with a timeline."""
    slow = make_variant(variant.workout_class, tempo=Tempo.OBSERVE)
    make_chapter(slow, 0, 60, title="Welcome")
    make_chapter(slow, 60, 1200, exercise=saw, note="slowly")
    return slow


def copy(desk, variant, source, **sent):
    return desk.post(page_of(variant), {"act": "copy", "source": source.pk, "text": "", **sent})


def test_filling_in_stores_nothing_before_it_is_saved(desk, variant, slow):
    response = copy(desk, variant, slow)

    assert box(response) == '0:00 "Welcome"\n1:00 Saw | slowly\n'
    assert "Nothing is stored before you save it" in messages_of(response)
    assert not variant.chapters.exists()


@pytest.mark.parametrize(
    ("offset", "lines"),
    [
        ("0:45", '0:45 "Welcome"\n1:45 Saw | slowly\n'),
        ("+45", '0:45 "Welcome"\n1:45 Saw | slowly\n'),
        ("0", '0:00 "Welcome"\n1:00 Saw | slowly\n'),
    ],
)
def test_a_copy_begins_later_by_the_offset(desk, variant, slow, offset, lines):
    assert box(copy(desk, variant, slow, offset=offset)) == lines


def test_a_copy_that_would_begin_before_the_film_is_refused(desk, variant, slow):
    response = copy(desk, variant, slow, offset="-0:30", text="0:00 mine")

    assert "“Welcome” would begin before the film." in response.content.decode()
    assert box(response) == "0:00 mine"


@pytest.mark.parametrize("offset", ["later", "1:99", "--1", "1:2:3:4", "\x00"])
def test_an_offset_that_is_none_is_refused_in_words(desk, variant, slow, offset):
    response = copy(desk, variant, slow, offset=offset)

    assert "like 45 or -1:30" in response.content.decode()


@pytest.mark.parametrize(
    ("typed", "seconds"), [("", 0), ("-1:30", -90), ("−12", -12), ("+0:45", 45), ("1:00:00", 3600)]
)
def test_offsets_are_read_as_they_are_typed(typed, seconds):
    assert OffsetField(required=False).clean(typed) == seconds


def test_lines_that_nobody_stored_are_kept_beside_a_copy(desk, variant, slow):
    response = copy(desk, variant, slow, text="0:10 half typed")

    assert response.context["page"].in_the_box_before == "0:10 half typed"
    assert "0:10 half typed" in response.content.decode()


def test_timelines_of_other_classes_are_found_by_title_and_by_address(desk, variant, saw):
    evening = make_class(title="Evening Unwinding", slug="unwinding").variants.get()
    make_chapter(evening, 0, 60, exercise=saw)
    make_class(title="Evening without a timeline")

    for words in ("evening", "Unwinding", "https://example.com/classes/unwinding/?t=3"):
        response = desk.post(page_of(variant), {"act": "find", "words": words, "text": "0:00 mine"})
        assert list(response.context["page"].copying.sources.values()) == [evening], words
        assert box(response) == "0:00 mine"

    filled = copy(desk, variant, evening, words="evening")
    assert box(filled) == "0:00-1:00 Saw\n"


@pytest.mark.parametrize("words", ["nowhere", "\x00", "%", "'", "x" * 500])
def test_a_search_that_finds_nothing_says_so(desk, variant, words):
    response = desk.post(page_of(variant), {"act": "find", "words": words})

    assert response.status_code == 200
    assert response.context["page"].copying.sources == {}


@pytest.mark.parametrize("source", ["", "x", "999999"])
def test_a_source_that_is_not_on_offer_is_refused(desk, variant, slow, source):
    response = desk.post(page_of(variant), {"act": "copy", "source": source, "text": "0:00 mine"})

    assert "Choose whose timeline to fill in." in response.content.decode()
    assert box(response) == "0:00 mine"
