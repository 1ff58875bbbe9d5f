"""Comments of another site, brought over from a file."""

import csv
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import Departure, Member
from accounts.privacy import erasing
from comments import moderation
from comments.importing.rows import STATES
from comments.models import Comment, Decision, GoneSending, Notice
from comments.upkeep import keep_up
from tests.factories import make_class, make_comment, make_instructor, make_member, make_variant

pytestmark = pytest.mark.django_db

HEADINGS = ["class", "reference", "answers", "email", "name", "text", "date", "state", "film"]


@pytest.fixture(autouse=True)
def held_as_members_are(settings):
    settings.HOLD_FIRST_COMMENTS = True


@pytest.fixture
def mat():
    return make_class(slug="mat", title="Slow & Gentle Mat")


def row(reference: str = "1", **cells: Any) -> dict[str, Any]:
    return {"class": "mat", "reference": reference, "name": "Ana", "text": "Words"} | cells


@pytest.fixture
def write(tmp_path):
    """Writes rows to a file: `write(row(), row("2"))`."""

    def write(*rows: dict[str, Any], name: str = "old.json") -> Path:
        path = tmp_path / name
        if path.suffix == ".json":
            path.write_text(json.dumps(rows))
        else:
            with path.open("w", newline="") as file:
                writer = csv.DictWriter(file, HEADINGS)
                writer.writeheader()
                writer.writerows(rows)
        return path

    return write


def bring(path: Path, *options: str) -> str:
    said = StringIO()
    call_command("import_comments", str(path), *options, stdout=said, stderr=said)
    return said.getvalue()


def refused(path: Path, *options: str) -> str:
    """What is said about a file that is refused. Nothing is written."""
    before = Comment.objects.count()
    said = StringIO()
    with pytest.raises(CommandError) as fault:
        call_command("import_comments", str(path), *options, "--write", stdout=said, stderr=said)
    assert Comment.objects.count() == before
    return f"{said.getvalue()}{fault.value}"


def make_confirmed(email: str, **attrs: Any) -> Member:
    member = make_member(email=email, **attrs)
    EmailAddress.objects.create(user=member, email=email, verified=True, primary=True)
    return member


@pytest.mark.parametrize("name", ["old.csv", "old.json"])
def test_thread_comes_in_with_its_answers_writers_and_dates(mat, write, name):
    teacher = make_confirmed("lola@example.org")
    path = write(
        row("10", name="Ana", text="How often?", date="2018-05-01T10:00:00Z"),
        row("11", answers="10", name="", email="Lola@Example.org", text="Twice", date="2018-05-02"),
        row("12", answers="11", name="Bo", text="Me too", date=""),
        name=name,
    )

    said = bring(path, "--write")

    assert "3 comments came in under 1 class; 0 were here already." in said
    assert "1 open a thread. 1 are by members, 2 have a name only." in said
    thread, answer, deeper = Comment.objects.order_by("pk")
    assert (thread.author_name, thread.body, thread.thread) == ("Ana", "How often?", None)
    assert thread.written_at == datetime(2018, 5, 1, 10, tzinfo=UTC)
    assert (answer.author, answer.author_name) == (teacher, "")
    assert (answer.thread, answer.parent) == (thread, thread)
    assert (deeper.thread, deeper.parent, deeper.written_at) == (thread, answer, None)
    mat.refresh_from_db()
    assert mat.comment_count == 3


def test_without_being_told_to_it_writes_nothing(mat, write):
    said = bring(write(row()))

    assert "1 comment would come in under 1 class" in said
    assert "Ana, –: Words" in said
    assert "run it with --write" in said
    assert not Comment.objects.exists()


def test_second_time_only_what_is_new_comes_in(mat, write):
    bring(write(row("1"), row("2", answers="1")), "--write")

    said = bring(
        write(row("1"), row("2", answers="1"), row("3", answers="2", text="New")), "--write"
    )

    assert "1 comment came in under 1 class; 2 were here already." in said
    new = Comment.objects.get(body="New")
    assert (new.thread, new.parent) == tuple(Comment.objects.order_by("pk")[:2])


@pytest.mark.parametrize("words", Departure.Words)
def test_words_of_who_left_do_not_come_back(mat, write, words):
    member = make_confirmed("ana@example.org")
    mine = {"email": member.email, "name": "Ana"}
    file = write(
        row("1", text="Answered", **mine),
        row("2", answers="1", name="Bo", text="An answer"),
        row("3", text="Alone", **mine),
    )
    bring(file, "--write")
    erasing.erase(member, words)
    before = list(Comment.objects.values())
    assert len(before) == 2

    said = bring(file, "--write")

    assert "0 comments came in under 0 classes; 3 were here already." in said
    assert list(Comment.objects.values()) == before
    answers = write(row("4", answers="1", text="Late"), row("5", answers="3", text="Later"))
    bring(answers, "--write")
    assert Comment.objects.get(body="Late").parent_id == before[0]["id"]
    assert Comment.objects.get(body="Later").thread is None  # what it answered has no place


def test_what_the_studio_deleted_does_not_come_back(mat, write):
    file = write(row("1"), row("2", answers="1"), row("3", text="Others"))
    bring(file, "--write")
    moderation.erase(Comment.objects.get(thread=None, body="Words"))

    said = bring(file, "--write")

    assert "3 were here already." in said
    assert [comment.body for comment in Comment.objects.all()] == ["Others"]


def test_what_is_remembered_says_nothing_of_whom(mat, write):
    member = make_confirmed("ana@example.org")
    bring(write(row("1", email=member.email)), "--write")
    sending = Comment.objects.get().submission

    erasing.erase(member)

    assert list(GoneSending.objects.values_list()) == [(sending, None)]


def test_same_references_of_another_site_are_others(mat, write):
    path = write(row())
    bring(path, "--write")

    bring(path, "--write", "--origin", "blog")

    assert Comment.objects.count() == 2


def test_one_bad_row_keeps_all_out_and_every_fault_is_told(mat, write):
    said = refused(
        write(
            row("1"),
            row("2", text=" <br> ", email="nobody"),
            row("3", date="2019-02-30", state="lost"),
            row("3", **{"class": "no-such"}),
            row("5", answers="2"),
            row("6", answers="99"),
        )
    )

    assert said.splitlines() == [
        "Row 2, email “nobody”: This is no e-mail address. Leave it empty if unknown.",
        "Row 2, text “<br>”: There are no words in it.",
        "Row 3, date “2019-02-30”: This is no date. Write it as 2019-03-31, or leave it empty.",
        "Row 3, state “lost”: Published, held or removed; empty for published.",
        "Row 4, class “no-such”: There is no such class.",
        "Row 4, reference “3”: Row 3 has this reference already.",
        "Row 6, answers “99”: There is no comment with this reference to be answered.",
        "Nothing was written: 4 rows have to be mended first.",
    ]


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"reference": ""}, "reference: Each comment needs one of its own"),
        ({"name": "", "email": ""}, "name: Somebody wrote this"),
        ({"name": "", "email": "who@example.org"}, "No member has confirmed this address"),
        ({"name": "x" * 81}, "at most 80 characters"),
        ({"text": "x" * 5001}, "this is 1 too long"),
        ({"text": "a\0b"}, "cannot be kept"),
        ({"name": "\ud800"}, "cannot be kept"),
        ({"email": "a\0@example.org"}, "cannot be kept"),
        ({"reference": ["1"]}, "Only text or a number"),
        ({"date": "3000-01-01"}, "This is in the future"),
        ({"date": "4/3/2019"}, "Day or month first?"),
        ({"class": ""}, "Name the class"),
        ({"film": "workout-tempo/xx"}, "The class has no such film"),
        ({"answers": "1"}, "It answers itself"),
    ],
)
def test_bad_row_is_told_in_a_sentence(mat, write, cells, fault):
    said = refused(write(row(**cells)))

    assert fault in said
    assert said.count("Row 1") == 1


def test_circle_of_answers_is_refused_and_what_hangs_on_it(mat, write):
    said = refused(
        write(row("1", answers="2"), row("2", answers="1"), row("3", answers="1"), row("4"))
    )

    assert said.count("It answers itself, by way of others.") == 3


def test_answer_under_another_class_is_refused(mat, write):
    make_class(slug="other")

    said = refused(write(row("1"), row("2", answers="1", **{"class": "other"})))

    assert "What it answers stands under another class." in said


def test_answer_to_an_earlier_import_under_another_class_is_refused(mat, write):
    make_class(slug="other")
    bring(write(row("1")), "--write")

    said = refused(write(row("2", answers="1", **{"class": "other"})))

    assert "What it answers stands under another class." in said


def test_of_many_faults_the_first_are_told_and_all_are_counted(mat, write):
    said = refused(write(*(row(str(number), date="never") for number in range(150))))

    assert "Row 100," in said
    assert "Row 101," not in said
    assert "150 × This is no date." in said


@pytest.mark.parametrize(
    "name",
    [
        "mat",
        "MAT",
        "slow & gentle  mat",
        "/classes/mat/",
        "https://old.example/classes/mat/?t=3",
        "former",
    ],
)
def test_class_is_found_by_address_or_title(mat, write, name):
    mat.former_slugs.create(slug="former")

    bring(write(row(**{"class": name})), "--write")

    assert Comment.objects.get().workout_class == mat


def test_title_of_two_classes_names_neither(mat, write):
    make_class(title=mat.title)

    assert "Several classes have this title" in refused(write(row(**{"class": mat.title})))


def test_class_can_be_named_once_for_all(mat, write):
    bring(write(row(**{"class": ""})), "--write", "--class", "mat")

    assert Comment.objects.get().workout_class == mat


def test_words_of_an_address_that_nobody_confirmed_go_to_no_account(mat, write):
    make_member(email="ana@example.org")

    bring(write(row(email="ana@example.org", name="Ana")), "--write")

    comment = Comment.objects.get()
    assert (comment.author, comment.author_name) == (None, "Ana")
    assert Member.objects.count() == 1


def test_html_becomes_text(mat, write):
    html = "<p>So <b>good</b> &amp; kind</p><script>alert(1)</script>"

    bring(write(row(name="Ana &amp; <i>Bo</i>\u202e", text=html)), "--write")

    comment = Comment.objects.get()
    assert (comment.author_name, comment.body) == ("Ana & Bo", "So good & kind")


@pytest.mark.parametrize(("word", "state"), STATES.items())
def test_state_is_taken_over(mat, write, word, state):
    bring(write(row(state=word)), "--write")

    comment = Comment.objects.get()
    assert comment.state == state
    assert bool(comment.removed_at) == comment.is_removed
    mat.refresh_from_db()
    assert mat.comment_count == comment.is_published


def test_times_in_the_text_lead_into_the_film_that_is_named(mat, write):
    variant = make_variant(mat, language="pt-BR")

    bring(
        write(row("1", film="workout-tempo/PT-br", text="At 1:02"), row("2", text="At 1:03")),
        "--write",
    )

    with_film, without = Comment.objects.order_by("pk")
    assert with_film.variant == variant
    assert [code.second for code in with_film.time_codes.all()] == [62]
    assert not without.time_codes.exists()


def test_nothing_is_held_mailed_or_left_on_a_desk(mat, write):
    mat.instructors.add(make_instructor(member=make_confirmed("teacher@example.org")))
    day = timezone.now() - timedelta(days=1)

    bring(write(row("1", text="See https://example.com", date=day.isoformat())), "--write")

    comment = Comment.objects.get()
    assert comment.is_published
    assert comment.waiting_since is None
    assert not Decision.objects.exists()
    assert not Notice.objects.exists()
    assert mail.outbox == []


def test_threads_wait_on_desks_if_asked_to(mat, write):
    mat.instructors.add(make_instructor(member=make_confirmed("teacher@example.org")))
    day = timezone.now() - timedelta(days=1)
    path = write(
        row("1", date=day.isoformat()),
        row("2", date=day.isoformat()),
        row("3", answers="2", email="teacher@example.org", date=timezone.now().isoformat()),
    )

    bring(path, "--write", "--ask")

    waiting = Comment.objects.filter(waiting_since__isnull=False)
    assert [comment.submission for comment in waiting] == [
        Comment.objects.order_by("pk")[0].submission
    ]
    assert waiting[0].waiting_since == day


def test_new_answers_from_there_do_not_wake_a_thread_and_silence_none(mat, write):
    mat.instructors.add(make_instructor(member=make_confirmed("teacher@example.org")))
    bring(write(row("1"), row("2")), "--write")
    quiet, asked = Comment.objects.order_by("pk")
    make_comment(mat, parent=asked, body="Asked here", written_at=timezone.now())
    keep_up([mat.pk], [asked.pk])
    now = timezone.now().isoformat()

    bring(write(row("3", answers="1", date=now), row("4", answers="2", date=now)), "--write")

    quiet.refresh_from_db()
    asked.refresh_from_db()
    assert quiet.waiting_since is None
    assert asked.waiting_since is not None


def test_undated_comments_keep_the_order_of_the_file(mat, write):
    bring(write(*(row(str(number), text=str(number)) for number in range(5))), "--write")

    newest_first = Comment.objects.newest_first()
    assert [comment.body for comment in newest_first] == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize("many", [2, 40])
def test_queries_do_not_grow_with_the_rows(mat, write, many, django_assert_max_num_queries):
    path = write(
        row("0"), *(row(str(number), answers="0", date="2019-01-01") for number in range(1, many))
    )

    with django_assert_max_num_queries(16):
        bring(path, "--write")


# --- Files --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffReference;Class;Name;Text\n1;mat;Zoë;Très bien\n".encode(),
        "reference,class,name,text\n1,mat,Zoë,Très bien\n".encode("cp1252"),
        "reference\tclass\tname\ttext\n1\tmat\tZoë\tTrès bien\n".encode("utf-16"),
        '\ufeff[{"reference": 1, "class": "mat", "name": "Zoë", "text": "Très bien"}]'.encode(),
        json.dumps(
            {"comments": [{"id": 1, "slug": "mat", "author": "Zoë", "body": "Très bien"}]}
        ).encode(),
    ],
    ids=["BOM and semicolons", "Latin-1", "UTF-16 and tabs", "JSON with BOM", "other names"],
)
def test_file_is_read_as_programs_write_it(mat, tmp_path, content):
    path = tmp_path / ("old.json" if content.endswith((b"]", b"}")) else "old.csv")
    path.write_bytes(content)

    bring(path, "--write")

    comment = Comment.objects.get()
    assert (comment.author_name, comment.body) == ("Zoë", "Très bien")


def test_guess_at_the_encoding_is_told(mat, tmp_path):
    path = tmp_path / "old.csv"
    path.write_bytes("reference,class,name,text\n1,mat,Zoë,Oui\n".encode("cp1252"))

    assert "This file is not UTF-8" in bring(path)


def test_export_of_wordpress_is_read(mat, tmp_path):
    path = tmp_path / "wp.csv"
    path.write_text(
        "comment_ID,slug,comment_parent,comment_author,comment_author_email,comment_date_gmt,"
        "comment_content,comment_approved,comment_karma\n"
        '7,mat,0,Ana,ana@example.org,2018-05-01 10:00:00,"One\nTwo",1,0\n'
        "8,mat,7,Bo,,2018-05-01 11:00:00,Three,trash,0\n"
    )

    said = bring(path, "--write")

    assert "Columns that are not read: comment_karma." in said
    first, second = Comment.objects.order_by("pk")
    assert (first.body, first.written_at) == ("One\nTwo", datetime(2018, 5, 1, 10, tzinfo=UTC))
    assert (second.parent, second.state) == (first, Comment.State.REMOVED)


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("old.xml", b"", "ends in .csv or .json"),
        ("old.csv", b"", "There is no column “reference”"),
        ("old.csv", b"reference,name\n", "There is no column “text”"),
        ("old.csv", b"reference,text,text\n", "There are two columns for “text”"),
        ("old.csv", b'reference,text\n1,"' + b"x" * 1_000_001, "Is a quotation mark missing?"),
        (
            "old.csv",
            b"class,reference,name,text\nmat,1,Ana,Well, yes\n",
            "more cells than headings",
        ),
        ("old.json", b"{", "This is no JSON"),
        ("old.json", b"[" * 100_000, "This is no JSON"),
        ("old.json", b'"words"', "a list of comments"),
        ("old.json", b"[1]", "a list of comments"),
        ("old.json", b"[]", "There is no column"),
        ("old.json", b'[{"text": {"a": 1}, "reference": 1}]', "Only text or a number"),
    ],
)
def test_file_that_cannot_be_read_is_told_in_a_sentence(tmp_path, name, content, fault):
    path = tmp_path / name
    path.write_bytes(content)

    assert fault in refused(path)


def test_file_that_is_not_there_is_told(tmp_path):
    assert "No such file" in refused(tmp_path / "none.csv")


def test_empty_lines_of_a_spreadsheet_are_passed_over(mat, tmp_path):
    path = tmp_path / "old.csv"
    path.write_text("class,reference,name,text\n,,,\nmat,1,Ana,Words\n,,,\n")

    bring(path, "--write")

    assert Comment.objects.count() == 1
