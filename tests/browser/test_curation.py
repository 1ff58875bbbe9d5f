"""The administration in a browser: silent under our policy, and wide enough for a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from classes.models import State, Video
from tests.browser.studio import PASSWORD, Studio, open_studio
from tests.factories import make_class, make_variant, make_video


@pytest.fixture
def studio(settings, transactional_db) -> Studio:
    return open_studio(settings.MEDIA_ROOT, settings.FILMS_ROOT)


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
