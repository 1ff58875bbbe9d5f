"""The catalogue out as CSV and in again, under the rules of the class page."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from classes.models import Level, State, WorkoutClass
from classes.resources import as_text, from_text
from tests.factories import (
    make_apparatus,
    make_chapter,
    make_checked_class,
    make_class,
    make_exercise,
    make_focus_tag,
    make_instructor,
    make_movement,
    make_prop,
)

from .conftest import messages_of

EXPORT = reverse("admin:classes_workoutclass_export")
IMPORT = reverse("admin:classes_workoutclass_import")
CONFIRM = reverse("admin:classes_workoutclass_process_import")


@pytest.fixture(autouse=True)
def rows_come_one_after_another(allowed_to_read_row_by_row, settings) -> None:
    """An import saves each row as the class page would: its queries grow with the file."""
    settings.ZEAL_ALLOWLIST = [*settings.ZEAL_ALLOWLIST, {"model": "classes.*"}]


def exported(desk, **parameters) -> list[dict[str, str]]:
    text = desk.get(EXPORT, parameters).content.decode()
    return list(csv.DictReader(io.StringIO(text)))


def file_of(*rows: dict[str, str]) -> SimpleUploadedFile:
    written = io.StringIO()
    writer = csv.DictWriter(written, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return SimpleUploadedFile("catalogue.csv", written.getvalue().encode(), "text/csv")


def try_out(desk, upload: SimpleUploadedFile):
    return desk.post(IMPORT, {"import_file": upload, "format": "0", "resource": "0"})


def confirm(desk, tried):
    return desk.post(CONFIRM, tried.context["confirm_form"].initial, follow=True)


def refusals(tried) -> str:
    assert "confirm_form" not in tried.context
    return str([row.error_dict for row in tried.context["result"].invalid_rows])


# --- Out ----------------------------------------------------------------------------------------


def test_export_names_the_vocabulary_by_slug(desk):
    make_class(
        slug="morning",
        instructors=[make_instructor(slug="ada")],
        focus_tags=[make_focus_tag(slug="calm"), make_focus_tag(slug="strong")],
        is_free=True,
    )

    [row] = exported(desk)

    assert (row["slug"], row["instructors"], row["is_free"]) == ("morning", "ada", "yes")
    assert set(row["focus_tags"].split(", ")) == {"calm", "strong"}


def test_export_follows_the_filters_of_the_list(desk):
    make_class(slug="public")
    make_class(slug="draft", state=State.DRAFT, published_at=None)

    assert [row["slug"] for row in exported(desk, state="draft")] == ["draft"]


@pytest.mark.parametrize("title", ["=1+1", "+49", "-1", "@home", "'quoted", "Plain"])
def test_no_cell_is_a_formula_and_all_come_back_as_they_were(title):
    cell = as_text(title)

    assert not cell.startswith(("=", "+", "-", "@"))
    assert from_text(cell) == title


def test_formula_in_a_title_is_exported_as_text(desk):
    make_class(title="=HYPERLINK(1)")

    assert exported(desk)[0]["title"] == "'=HYPERLINK(1)"


@pytest.mark.parametrize("count", [1, 8])
def test_export_query_count_is_constant(desk, django_assert_num_queries, count):
    for _ in range(count):
        make_class(instructors=[make_instructor()], props=[make_prop()])

    with django_assert_num_queries(14):
        desk.get(EXPORT)


def test_what_was_exported_comes_in_again_and_changes_nothing(desk):
    workout_class = make_checked_class(
        title="=Sum",
        description="Two\nlines, “quoted”",
        instructors=[make_instructor()],
        movements=[make_movement()],
    )
    lines = workout_class.history.count()
    upload = SimpleUploadedFile("back.csv", desk.get(EXPORT).content)

    response = confirm(desk, try_out(desk, upload))

    assert "0 updated, 0 deleted and 1 skipped" in messages_of(response)
    again = WorkoutClass.objects.get()
    assert again.history.count() == lines
    assert again.published_at == workout_class.published_at
    for name in ("title", "description", "state", "level", "is_free"):
        assert getattr(again, name) == getattr(workout_class, name), name
    assert again.is_checked
    assert again.movements.count() == 1


# --- In -----------------------------------------------------------------------------------------


def test_trying_shows_what_would_be_and_changes_nothing(desk):
    make_class(slug="morning", title="Morning")

    page = try_out(desk, file_of({"slug": "morning", "title": "Evening"})).content.decode()

    assert "<del>Morning</del>" in page and "<ins>Evening</ins>" in page
    assert "style=" not in page
    assert WorkoutClass.objects.get().title == "Morning"


def test_new_address_makes_a_draft(desk):
    make_instructor(slug="ada")
    make_apparatus(slug="mat")
    row = {
        "slug": "evening",
        "title": "Evening",
        "level": "open",
        "instructors": "ada",
        "apparatus": "mat",
        "is_free": "yes",
    }

    response = confirm(desk, try_out(desk, file_of(row)))

    made = WorkoutClass.objects.get()
    assert "1 new" in messages_of(response)
    assert (made.title, made.level, made.state) == ("Evening", Level.OPEN, State.DRAFT)
    assert [who.slug for who in made.instructors.all()] == ["ada"]
    assert made.is_free


def test_column_that_is_not_there_leaves_what_is_stored(desk):
    tag = make_focus_tag()
    make_class(slug="morning", focus_tags=[tag], description="Here")

    confirm(desk, try_out(desk, file_of({"slug": "morning", "title": "Evening"})))

    again = WorkoutClass.objects.get()
    assert (again.title, again.description) == ("Evening", "Here")
    assert again.focus_tags.contains(tag)


def test_every_bad_row_says_what_is_wrong_with_it(desk):
    make_class(slug="old").move_to("new")
    twisting = make_movement(slug="twisting", name="Twisting")
    make_focus_tag(slug="spine-safe", name="Spine Safe", forbids=[twisting])
    full = {
        "slug": "",
        "title": "T",
        "level": "open",
        "focus_tags": "",
        "movements": "",
        "is_free": "",
        "state": "draft",
        "published_at": "",
    }

    tried = try_out(
        desk,
        file_of(
            full,
            {**full, "slug": "old"},
            {**full, "slug": "a", "level": "expert"},
            {**full, "slug": "b", "focus_tags": "spine-safe, nowhere"},
            {**full, "slug": "c", "focus_tags": "spine-safe", "movements": "twisting"},
            {**full, "slug": "d", "is_free": "perhaps"},
            {**full, "slug": "e", "published_at": "next week"},
            {**full, "slug": "f", "state": "published"},
            {**full, "slug": "g", "title": ""},
            {**full, "slug": "h"},
        ),
    )

    said = {row.number: str(row.error_dict) for row in tried.context["result"].invalid_rows}
    assert set(said) == set(range(1, 10))
    assert "A row needs an address" in said[1]
    assert "had this address" in said[2]
    assert "“expert” is not one of: fundamentals" in said[3]
    assert "“nowhere” is in no list of the studio." in said[4]
    assert "“Spine Safe” forbids what the class contains: Twisting (ticked)." in said[5]
    assert "neither yes nor no" in said[6]
    assert "no date and time" in said[7]
    assert "No film is ready." in said[8]
    assert "required" in said[9]
    assert "confirm_form" not in tried.context
    assert WorkoutClass.objects.count() == 1


def test_the_same_new_address_twice_is_one_class_and_not_an_error_page(desk):
    row = {"slug": "evening", "title": "Evening", "level": "open"}

    response = confirm(desk, try_out(desk, file_of(row, {**row, "title": "Later"})))

    assert response.status_code == 200
    assert WorkoutClass.objects.get().title == "Later"


def test_changed_ticks_take_the_check_back(desk):
    make_movement(slug="twisting")
    make_checked_class(slug="morning")

    confirm(desk, try_out(desk, file_of({"slug": "morning", "movements": "twisting"})))

    assert not WorkoutClass.objects.get().is_checked


def test_import_is_in_the_history(desk, curator):
    make_class(slug="morning")

    confirm(desk, try_out(desk, file_of({"slug": "morning", "title": "Evening"})))

    assert WorkoutClass.objects.get().history.first().history_user == curator


def test_unknown_column_is_named(desk):
    page = try_out(desk, file_of({"slug": "a", "titel": "T"})).content.decode()

    assert "Unknown column: titel." in page


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00\x01", b"a,b\n1\n", b"\x00", b'slug,title\n"x', b"slug\n"]
)
def test_file_that_is_no_table_is_refused_without_an_error_page(desk, content):
    response = try_out(desk, SimpleUploadedFile("x.csv", content))

    assert response.status_code == 200
    assert "confirm_form" not in response.context
    assert not WorkoutClass.objects.exists()


def test_file_that_is_too_large_is_refused(desk):
    upload = SimpleUploadedFile("x.csv", b"slug\n" + b"x" * 2_000_001)

    assert "at most 2 MB" in try_out(desk, upload).content.decode()


def test_what_was_valid_when_tried_and_is_not_any_more_changes_nothing(desk):
    make_class(slug="morning")
    tried = try_out(
        desk,
        file_of(
            {"slug": "morning", "title": "Evening", "level": "open"},
            {"slug": "new", "title": "New", "level": "open"},
        ),
    )
    make_class(slug="new").move_to("elsewhere")

    response = confirm(desk, tried)

    assert "Nothing was imported" in messages_of(response)
    assert not WorkoutClass.objects.filter(title="Evening").exists()


def test_confirming_twice_imports_once(desk):
    tried = try_out(desk, file_of({"slug": "new", "title": "New", "level": "open"}))
    confirm(desk, tried)

    response = confirm(desk, tried)

    assert "no longer kept" in messages_of(response)
    assert WorkoutClass.objects.count() == 1


def test_day_of_retirement_goes_out_and_comes_in(desk):
    later = timezone.now() + timedelta(days=30)
    make_class(slug="morning", retires_at=later)
    [row] = exported(desk)

    confirm(desk, try_out(desk, file_of({"slug": "morning", "retires_at": ""})))
    assert WorkoutClass.objects.get().retires_at is None

    confirm(desk, try_out(desk, file_of({"slug": "morning", "retires_at": row["retires_at"]})))
    assert WorkoutClass.objects.get().retires_at == later


def test_retirement_before_publication_is_refused_by_its_column(desk):
    make_class(slug="morning")

    tried = try_out(desk, file_of({"slug": "morning", "retires_at": "2020-01-01T10:00"}))

    assert "{'retires_at': ['A class retires after" in refusals(tried)


def test_tag_that_forbids_what_a_chapter_has_is_refused_with_its_moment(desk):
    twisting = make_movement(name="Twisting")
    make_focus_tag(slug="spine-safe", name="Spine Safe", forbids=[twisting])
    saw = make_exercise(name="Saw", movements=[twisting])
    row = make_class(slug="morning")
    make_chapter(row.variants.get(), 754, 800, exercise=saw)

    tried = try_out(desk, file_of({"slug": "morning", "focus_tags": "spine-safe"}))

    assert "Twisting (Saw at 12:34 in Workout Tempo · en)" in refusals(tried)
    assert not row.focus_tags.exists()


def test_ticks_stand_under_movements_and_leave_out_what_only_chapters_have(desk):
    kneeling, twisting = make_movement(slug="kneeling"), make_movement(slug="twisting")
    row = make_class(slug="morning", movements=[kneeling])
    make_chapter(row.variants.get(), 0, 60, adds=[twisting])

    [exported_row] = exported(desk)
    page = desk.get(IMPORT).content.decode()

    assert exported_row["movements"] == "kneeling"
    assert "ticked_movements" not in exported_row
    assert "movements" in page and "ticked_movements" not in page


def test_unknown_movement_is_refused_under_the_column_of_the_file(desk):
    make_class(slug="morning")

    tried = try_out(desk, file_of({"slug": "morning", "movements": "flying"}))

    assert "{'movements': ['“flying” is in no list" in refusals(tried)


# --- Many rows ----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [20, pytest.param(300, marks=pytest.mark.slow)])
def test_each_of_many_rows_costs_a_bounded_number_of_queries(
    desk, django_assert_max_num_queries, count
):
    ada = make_instructor(slug="ada")
    classes = [make_class(slug=f"class-{number:03}", instructors=[ada]) for number in range(count)]
    rows = [{"slug": row.slug, "title": row.title, "instructors": "ada"} for row in classes]
    for row in rows[::10]:
        row["title"] = "Changed"
    changed = count // 10

    with django_assert_max_num_queries(20 + 45 * count + 30 * changed):
        tried = try_out(desk, file_of(*rows))
    response = confirm(desk, tried)

    assert f"{changed} updated, 0 deleted and {count - changed} skipped" in messages_of(response)
    assert WorkoutClass.objects.filter(title="Changed").count() == changed
