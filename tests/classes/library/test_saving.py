"""Saving a class: by a button that says what it wants, so that twice is the same as once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from classes.library import saving
from classes.library.saving import LibraryIsFull, count_saved, save_class, saved_classes
from classes.models import SavedClass, WorkoutClass
from tests.factories import make_class, make_member

AS_SCRIPT = {"Accept": "application/json"}


@pytest.fixture
def member(client):
    member = make_member()
    client.force_login(member)
    return member


def press(client, workout_class, save="1", **fields):
    return client.post(f"/my/saved/{workout_class.slug}/", {"save": save, **fields})


def is_saved(member, workout_class) -> bool:
    return SavedClass.objects.filter(member=member, workout_class=workout_class).exists()


# --- What is kept -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_saved_twice_is_saved_once_and_stays_where_it_was():
    member, workout_class = make_member(), make_class()
    save_class(member, workout_class.pk)
    first = SavedClass.objects.get()

    save_class(member, workout_class.pk)

    assert SavedClass.objects.get().saved_at == first.saved_at


@pytest.mark.django_db
def test_last_saved_stands_first():
    member = make_member()
    classes = [make_class(title=title) for title in ("One", "Two", "Three")]
    for workout_class in classes:
        save_class(member, workout_class.pk)
    save_class(make_member(), make_class().pk)  # somebody else's

    assert [saved.title for saved in saved_classes(member, 0, 2)] == ["Three", "Two"]
    assert [saved.title for saved in saved_classes(member, 2, 4)] == ["One"]
    assert count_saved(member) == 3


@pytest.mark.django_db
def test_no_more_are_saved_than_there_may_be(monkeypatch):
    monkeypatch.setattr(saving, "MOST_SAVED", 2)
    member = make_member()
    first, second, third = (make_class() for _ in range(3))
    save_class(member, first.pk)
    save_class(member, second.pk)

    with pytest.raises(LibraryIsFull):
        save_class(member, third.pk)

    save_class(member, second.pk)  # what is there already takes no room
    assert count_saved(member) == 2


# --- The button ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_press_saves_and_leads_back_to_the_page_of_the_button(client, member):
    workout_class = make_class(title="Undo the Desk")

    response = press(client, workout_class, next="/classes/?focus=hips")

    assert response.status_code == 303
    assert response.url == "/classes/?focus=hips"
    assert is_saved(member, workout_class)
    assert "“Undo the Desk” is saved" in client.get("/classes/").text


@pytest.mark.django_db
@pytest.mark.parametrize("presses", [1, 2])
@pytest.mark.parametrize(("save", "stays"), [("1", True), ("0", False)])
def test_press_sent_twice_is_the_same_as_once(client, member, presses, save, stays):
    workout_class = make_class()
    if not stays:
        save_class(member, workout_class.pk)

    for _ in range(presses):
        assert press(client, workout_class, save).status_code == 303

    assert is_saved(member, workout_class) is stays


@pytest.mark.django_db
@pytest.mark.parametrize(
    "elsewhere",
    ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)", "\\\\e.example"],
)
def test_press_never_leads_to_another_site(client, member, elsewhere):
    workout_class = make_class()

    response = press(client, workout_class, next=elsewhere)

    assert response.url == workout_class.get_absolute_url()


@pytest.mark.django_db
@pytest.mark.parametrize("save", ["", "yes", "2", "\x00"])
def test_press_that_says_neither_is_refused(client, member, save):
    workout_class = make_class()

    assert press(client, workout_class, save).status_code == 400
    assert not is_saved(member, workout_class)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("site", "named", "status"),
    [
        ("same-origin", "themselves", 200),
        ("same-origin", "another", 403),
        ("same-origin", "nobody", 403),
        ("same-site", "themselves", 403),
        ("cross-site", "themselves", 403),
        ("none", "themselves", 403),
    ],
)
def test_old_token_is_taken_from_the_members_own_page_only(member, site, named, status):
    """As after a sign-in in another tab, which renews the token."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    names = {"themselves": str(member.pk), "another": str(make_member().pk), "nobody": ""}
    workout_class = make_class()

    response = client.post(
        reverse("classes:save", args=[workout_class.slug]),
        {"save": "1", "member": names[named], "csrfmiddlewaretoken": "0" * 64},
        headers={"Sec-Fetch-Site": site, "Accept": "application/json"},
    )

    assert response.status_code == status
    assert is_saved(member, workout_class) is (status == 200)


@pytest.mark.django_db
def test_old_token_says_nothing_for_who_is_signed_out():
    client = Client(enforce_csrf_checks=True)

    response = client.post(
        reverse("classes:save", args=[make_class().slug]),
        {"save": "1", "member": "None"},
        headers={"Sec-Fetch-Site": "same-origin"},
    )

    assert response.status_code == 403


@pytest.mark.django_db
def test_class_is_put_back_where_it_stood(client, member):
    client.force_login(member)
    first, second = make_class(), make_class()
    long_ago = timezone.now() - timedelta(days=30)
    save_class(member, first.pk, saved_at=long_ago)
    save_class(member, second.pk)
    address = reverse("classes:save", args=[first.slug])

    since = client.post(address, {"save": "0"}, headers=AS_SCRIPT).json()["since"]
    client.post(address, {"save": "1", "since": since}, headers=AS_SCRIPT)

    assert [each.class_id for each in saved_classes(member, 0, 9)] == [second.pk, first.pk]
    assert SavedClass.objects.get(workout_class=first).saved_at == long_ago


@pytest.mark.django_db
@pytest.mark.parametrize(
    "since",
    [
        "",
        "soon",
        "2020-02-31T00:00:00+00:00",
        "2020-01-01T00:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
    ],
)
def test_moment_that_is_none_or_to_come_is_now(client, member, since):
    client.force_login(member)
    workout_class = make_class()

    client.post(reverse("classes:save", args=[workout_class.slug]), {"save": "1", "since": since})

    saved_at = SavedClass.objects.get().saved_at
    assert timedelta(0) <= timezone.now() - saved_at < timedelta(minutes=1)


@pytest.mark.django_db
def test_press_needs_the_token_of_the_form(member):
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    workout_class = make_class()

    assert press(client, workout_class).status_code == 403
    assert not is_saved(member, workout_class)


@pytest.mark.django_db
def test_script_is_answered_in_words(client, member):
    workout_class = make_class(title="Undo the Desk")
    url = f"/my/saved/{workout_class.slug}/"

    saved = client.post(url, {"save": "1"}, headers=AS_SCRIPT)
    given_up = client.post(url, {"save": "0"}, headers=AS_SCRIPT)

    assert saved.json()["words"] == "“Undo the Desk” is saved: you find it in your library."
    assert given_up.json()["words"] == "“Undo the Desk” is not saved any more."
    assert "is saved" not in client.get("/classes/").text  # said once, where it was pressed


@pytest.mark.django_db
def test_full_library_says_so_and_saves_nothing(client, member, monkeypatch):
    monkeypatch.setattr(saving, "MOST_SAVED", 0)
    workout_class = make_class()
    url = f"/my/saved/{workout_class.slug}/"

    by_script = client.post(url, {"save": "1"}, headers=AS_SCRIPT)
    client.post(url, {"save": "1"})

    assert by_script.status_code == 409
    assert "Your library is full" in by_script.json()["words"]
    assert "Your library is full" in client.get("/classes/").text
    assert not SavedClass.objects.exists()


# --- Who may ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_visitor_signs_in_first_and_is_led_to_the_class(client):
    workout_class = make_class()

    sent_away = press(client, workout_class)
    by_script = client.post(f"/my/saved/{workout_class.slug}/", {"save": "1"}, headers=AS_SCRIPT)
    client.force_login(make_member())
    returned = client.get(f"/my/saved/{workout_class.slug}/")

    assert sent_away.url == f"/accounts/login/?next=/my/saved/{workout_class.slug}/"
    assert by_script.status_code == 401
    assert "Sign in again" in by_script.json()["words"]
    assert returned.url == workout_class.get_absolute_url()
    assert "press the button once more" in client.get("/classes/").text
    assert not SavedClass.objects.exists()


@pytest.mark.django_db
def test_class_that_the_member_may_not_open_is_not_found(client, member):
    draft = make_class(state="draft")
    scheduled = make_class(published_at=timezone.now() + timedelta(days=1))

    assert press(client, draft).status_code == 404
    assert press(client, scheduled).status_code == 404
    assert client.post("/my/saved/nowhere/", {"save": "1"}).status_code == 404
    assert not SavedClass.objects.exists()


@pytest.mark.django_db
def test_class_that_went_away_can_still_be_given_up(client, member):
    workout_class = make_class()
    save_class(member, workout_class.pk)
    WorkoutClass.objects.update(state="draft")

    assert press(client, workout_class, "0").status_code == 303
    assert not is_saved(member, workout_class)


@pytest.mark.django_db
@pytest.mark.parametrize("undo", ["", "1"])
@pytest.mark.parametrize(
    ("save", "words"),
    [
        ("0", "A class that is not to be seen now is not saved any more."),
        ("1", "A class that is not to be seen now is saved: it keeps its place."),
    ],
)
def test_class_that_went_away_is_not_named(client, member, save, words, undo):
    workout_class = make_class(title="Undo the Desk")
    save_class(member, workout_class.pk)
    WorkoutClass.objects.update(state="draft")

    told = press(client, workout_class, save, next="/my/saved/", undo=undo)
    page = client.get(told.url).text

    assert words in page
    assert "Undo the Desk" not in page


@pytest.mark.django_db
def test_class_that_went_away_is_not_named_to_a_script(client, member):
    workout_class = make_class(title="Undo the Desk")
    save_class(member, workout_class.pk)
    WorkoutClass.objects.update(state="draft")

    told = client.post(f"/my/saved/{workout_class.slug}/", {"save": "0"}, headers=AS_SCRIPT).json()

    assert told["words"] == "A class that is not to be seen now is not saved any more."


@pytest.mark.django_db
def test_retired_class_can_be_saved(client, member):
    workout_class = make_class(state="retired")

    assert press(client, workout_class).status_code == 303
    assert is_saved(member, workout_class)


@pytest.mark.django_db
def test_press_on_a_page_from_before_the_class_moved_still_counts(client, member):
    workout_class = make_class(slug="new-here")
    workout_class.move_to("moved-on")

    client.post("/my/saved/new-here/", {"save": "1"})

    assert is_saved(member, workout_class)
