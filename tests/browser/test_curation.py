"""The administration in a browser: silent under our policy, and wide enough for a phone."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from classes.models import Exercise, State, Video, WorkoutClass
from tests.browser.studio import PASSWORD
from tests.factories import make_class, make_variant, make_video


@pytest.fixture
def desk(request, new_context, live_server, studio) -> Page:
    """A curator's browser, signed in; as wide as `at_widths` says, or as a desk's."""
    width = getattr(request, "param", 1440)
    context = new_context(viewport={"width": width, "height": 900}, base_url=live_server.url)
    page = context.new_page()
    page.goto("/accounts/login/?next=/admin/")
    page.get_by_label("E-mail").fill(studio.curator.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="What needs attention")).to_be_visible()
    return page


at_widths = pytest.mark.parametrize("desk", [390, 1440], ids=["phone", "desk"], indirect=True)


@at_widths
def test_every_page_of_the_catalogue_is_silent_and_fits(desk, studio):
    pk = studio.back_class.pk
    tag = studio.back_class.focus_tags.first()
    variant = studio.back_class.variants.first()
    addresses = [
        reverse("admin:index"),
        reverse("admin:classes_workoutclass_changelist"),
        reverse("admin:classes_workoutclass_add"),
        reverse("admin:classes_workoutclass_change", args=[pk]),
        reverse("admin:classes_workoutclass_history", args=[pk]),
        reverse("admin:classes_workoutclass_import"),
        reverse("admin:classes_check", args=[pk]),
        reverse("admin:classes_focustag_changelist"),
        reverse("admin:classes_focustag_change", args=[tag.pk]),
        reverse("admin:classes_variant_changelist"),
        reverse("admin:classes_variant_change", args=[variant.pk]),
        reverse("admin:classes_film_choices", args=[variant.pk]),
        reverse("admin:classes_captions", args=[variant.pk]),
        reverse("admin:classes_timeline", args=[variant.pk]),
        reverse("admin:classes_exercise_changelist"),
        reverse("admin:classes_exercise_change", args=[Exercise.objects.first().pk]),
        reverse("admin:classes_avoidset_add"),
        reverse("admin:classes_instructor_changelist"),
        reverse("admin:classes_instructor_add"),
    ]

    for address in addresses:
        desk.goto(address)
        expect(desk.locator("#content h1")).to_be_visible()
        too_wide = desk.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert too_wide <= 0, address


def test_description_is_shown_as_members_read_it_while_it_is_written(desk):
    desk.goto(reverse("admin:classes_workoutclass_add"))

    desk.locator("#id_description").fill("A **quiet** class")

    expect(desk.locator(".markdown-preview strong")).to_have_text("quiet")


def test_refused_film_is_said_on_the_page_with_all_that_was_typed(desk):
    desk.goto(reverse("admin:classes_workoutclass_add"))
    desk.locator("#id_title").fill("Evening")
    words = {"name": "film.mp4", "mimeType": "video/mp4", "buffer": b"these are only words"}
    desk.locator("[name=variants-0-film]").set_input_files(words)

    desk.get_by_role("button", name="Save", exact=True).click()

    expect(desk.get_by_text("This file cannot be read as a film.")).to_be_visible()
    expect(desk.locator("#id_title")).to_have_value("Evening")


def test_film_in_the_works_reports_without_a_reload(desk):
    draft = make_class(variant=False, state=State.DRAFT, published_at=None)
    video = make_video(make_variant(draft, ready=False), state=Video.State.UPLOADED, duration=None)
    desk.goto(reverse("admin:classes_workoutclass_change", args=[draft.pk]))
    expect(desk.locator(".film")).to_contain_text("Waiting")

    Video.objects.filter(pk=video.pk).update(state=Video.State.FAILED, error="The disk was full.")

    expect(desk.locator(".film")).to_contain_text("The disk was full.", timeout=10_000)


# --- What is made of a film ---------------------------------------------------------------------


def page_of(workout_class: WorkoutClass) -> str:
    return reverse("admin:classes_workoutclass_change", args=[workout_class.pk])


@pytest.fixture
def draft() -> WorkoutClass:
    return make_class(variant=False, state=State.DRAFT, published_at=None)


@pytest.fixture
def film(draft) -> Video:
    """In the works since ten minutes, and half made."""
    return make_video(
        make_variant(draft, ready=False),
        state=Video.State.PROCESSING,
        progress=50,
        started_at=timezone.now() - timedelta(minutes=10),
    )


def test_film_is_stopped_without_losing_what_was_typed(desk, draft, film):
    desk.goto(page_of(draft))
    expect(desk.locator(".film")).to_contain_text("50 % · about 10 minutes left")
    desk.locator("#id_title").fill("Evening")
    desk.on("dialog", lambda dialog: dialog.accept())

    desk.get_by_role("button", name="Stop", exact=True).press("Enter")

    expect(desk.get_by_role("status").filter(has_text="was stopped")).to_be_visible()
    expect(desk.locator(".film .mark")).to_have_text("Stopped")
    expect(desk.locator("#id_title")).to_have_value("Evening")


def test_film_that_was_stopped_is_tried_again_on_the_same_page(desk, draft, film, settings):
    path = settings.MASTERS_ROOT / str(film.pk) / "master"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"as it was uploaded")
    Video.objects.filter(pk=film.pk).update(master=f"{film.pk}/master")
    desk.goto(page_of(draft))
    desk.on("dialog", lambda dialog: dialog.accept())
    desk.get_by_role("button", name="Stop", exact=True).click()
    said = desk.get_by_role("status").filter(has_text="was stopped")
    expect(said).to_be_in_viewport(ratio=1)

    # It is in nobody's way, nor is the row of buttons that save.
    desk.get_by_role("button", name="Try again").click(timeout=5000)

    expect(desk.get_by_role("status").filter(has_text="is tried again")).to_be_in_viewport(ratio=1)
    expect(desk.locator(".film .mark")).to_have_text("Waiting")
    desk.get_by_role("button", name="Save", exact=True).click(trial=True, timeout=5000)


def test_film_goes_on_where_the_question_is_answered_with_no(desk, draft, film):
    desk.goto(page_of(draft))
    asked = []
    desk.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))

    desk.get_by_role("button", name="Stop", exact=True).click()

    assert "Stop this film?" in asked[0]
    film.refresh_from_db()
    assert film.state == Video.State.PROCESSING


def test_panel_that_is_drawn_anew_keeps_the_keyboard_where_it_was(desk, draft, film):
    desk.goto(page_of(draft))
    desk.get_by_role("button", name="Stop", exact=True).focus()

    Video.objects.filter(pk=film.pk).update(progress=75)

    expect(desk.locator(".film")).to_contain_text("75 %", timeout=10_000)
    expect(desk.get_by_role("button", name="Stop", exact=True)).to_be_focused()


def test_film_is_stopped_without_javascript(new_context, live_server, desk, draft, film):
    context = new_context(
        java_script_enabled=False,
        base_url=live_server.url,
        storage_state=desk.context.storage_state(),
    )
    page = context.new_page()
    page.goto(page_of(draft))

    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_role("heading", name="Stop this film?")).to_be_visible()
    page.get_by_role("button", name="Yes, I’m sure").click()

    expect(page.locator(".messagelist")).to_contain_text("was stopped")
    expect(page.locator(".film .mark")).to_have_text("Stopped")


def test_preview_begins_where_the_film_is_held(desk, studio):
    variant = studio.back_class.variants.first()
    desk.goto(reverse("admin:classes_film_choices", args=[variant.pk]))
    film = desk.locator("[data-film-moment]")
    film.evaluate("film => { film.muted = true; return film.play().then(() => film.pause()); }")
    film.evaluate("film => { film.currentTime = 1.5; }")

    desk.get_by_role("button", name="What is on the screen").click()
    expect(desk.get_by_label("Begins at")).to_have_value("0:01")
    desk.get_by_role("button", name="The one on the screen").click()

    expect(desk.get_by_label("Another moment")).to_be_checked()
    desk.get_by_role("button", name="Save").click()
    expect(desk.locator(".messagelist")).to_contain_text("in a moment")
    variant.video.refresh_from_db()
    assert (variant.video.preview_start, variant.video.poster_at) == (1, 1)


def test_page_of_choices_shows_the_new_preview_by_itself(desk, studio):
    variant = studio.back_class.variants.first()
    desk.goto(f"{reverse('admin:classes_film_choices', args=[variant.pk])}?after=0")
    expect(desk.locator("[data-awaits-film]")).to_be_visible()

    Video.objects.filter(pk=variant.video_id).update(preview_version=1)

    expect(desk.locator("[data-made=preview]")).to_have_attribute(
        "src", re.compile(r"\?v=1$"), timeout=10_000
    )


@at_widths
def test_film_pages_break_no_rule(desk, draft, film, studio, violations):
    variant = studio.back_class.variants.first()
    for address in (
        page_of(draft),
        reverse("admin:classes_film_choices", args=[variant.pk]),
    ):
        desk.goto(address)
        # The rest of the form is Django's.
        not_ours = ("#id_published_at", "#id_state", "View on site")
        found = [line for line in violations(desk) if not any(part in line for part in not_ours)]
        assert found == [], address


# --- Upload -------------------------------------------------------------------------------------


def choose_film(desk: Page, path: Path) -> None:
    desk.locator("[name=variants-0-film]").set_input_files(path)


@pytest.fixture
def large_film(tmp_path: Path) -> Path:
    """Begins as an MP4 does and has eight megabytes."""
    path = tmp_path / "long.mp4"
    path.write_bytes(b"\0\0\0\x18ftypmp42" + b"\0" * 8_000_000)
    return path


# Whether nothing lies over it. Clicking would not tell: that scrolls until it can be clicked.
IS_ON_TOP = """element => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return document.elementFromPoint(x + width / 2, y + height / 2) === element;
}"""


def slow(desk: Page, bytes_a_second: int) -> None:
    session = desk.context.new_cdp_session(desk)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": bytes_a_second,
        },
    )


def test_film_that_is_none_is_refused_before_it_travels(desk, draft, tmp_path):
    words = tmp_path / "film.mp4"
    words.write_bytes(b"these are only words")
    desk.goto(page_of(draft))
    desk.locator("#id_title").fill("Evening")
    choose_film(desk, words)
    sent = []
    desk.on("request", lambda request: sent.append(request.url))

    desk.get_by_role("button", name="Save", exact=True).click()

    expect(desk.get_by_text("This file cannot be read as a film.")).to_be_visible()
    expect(desk.locator("[name=variants-0-film]")).to_be_focused()
    expect(desk.locator("#id_title")).to_have_value("Evening")
    assert [url for url in sent if url.endswith(page_of(draft))] == []


def test_film_on_its_way_says_how_far_it_is_and_can_be_stopped(desk, draft, large_film):
    desk.goto(page_of(draft))
    desk.locator("#id_title").fill("Evening")
    choose_film(desk, large_film)
    slow(desk, 400_000)

    desk.get_by_role("button", name="Save", exact=True).click()

    expect(desk.locator("[data-upload-figure]")).to_contain_text("left", timeout=15_000)
    expect(desk.locator("[data-upload-figure]")).to_contain_text("8 MB")
    desk.get_by_role("button", name="Stop sending").click()
    expect(desk.get_by_role("alert").filter(has_text="Stopped: nothing was saved.")).to_be_visible()
    assert desk.get_by_role("button", name="Save", exact=True).evaluate(IS_ON_TOP)
    expect(desk.locator("#id_title")).to_have_value("Evening")
    assert desk.locator("[name=variants-0-film]").evaluate("input => input.files.length") == 1
    assert not draft.variants.exists()


def test_lost_connection_keeps_what_was_written_and_chosen(desk, draft, large_film, console):
    console.allow("net::ERR_FAILED")
    console.allow("net::ERR_INTERNET_DISCONNECTED")
    desk.goto(page_of(draft))
    desk.locator("#id_title").fill("Evening")
    choose_film(desk, large_film)
    desk.route(f"**{page_of(draft)}", lambda route: route.abort())

    desk.get_by_role("button", name="Save", exact=True).click()

    expect(desk.get_by_role("alert").filter(has_text="The connection was lost")).to_be_visible()
    expect(desk.locator("#id_title")).to_have_value("Evening")
    desk.unroute(f"**{page_of(draft)}")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.get_by_text("is here and is being prepared")).to_be_visible()
    assert Video.objects.get(original_name="long.mp4").master_bytes == large_film.stat().st_size


def test_who_was_signed_out_is_told_before_the_film_travels(desk, draft, large_film, console):
    console.allow("403 (Forbidden)")
    desk.goto(page_of(draft))
    choose_film(desk, large_film)
    desk.context.clear_cookies()

    desk.get_by_role("button", name="Save", exact=True).click()

    expect(desk.get_by_role("alert").filter(has_text="You are signed out")).to_be_visible()
