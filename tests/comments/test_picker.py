"""Inserting a class or a list into what somebody writes, without losing a word of it."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from classes.models import State
from classes.search.upkeep import catch_up
from comments import picker
from comments.models import Comment, SavedFilter
from tests.browser.studio import verified
from tests.factories import make_class, make_comment, make_focus_tag, make_instructor, make_member

pytestmark = pytest.mark.django_db

BEGIN = "/comments/pick/"
LISTS = "/comments/lists/"


@pytest.fixture
def teacher(client):
    teacher = verified(make_member(display_name="Ana"))
    make_instructor(member=teacher)
    client.force_login(teacher)
    return teacher


@pytest.fixture
def workout_class():
    return make_class(slug="gentle", title="Gentle Mat")


def begin(client, body: str = "Try this:", back: str = "/classes/gentle/comments/", **fields):
    return client.post(BEGIN, {"body": body, "submission": "one", "pick": back, **fields})


def test_a_class_is_found_and_comes_back_on_a_line_of_its_own(client, teacher, workout_class):
    make_class(slug="undo-the-desk", title="Undo the desk")
    catch_up()
    parent = make_comment(workout_class)

    page = begin(client, parent=parent.pk, variant="7")
    found = client.get(page.url, {"q": "desk"}).content.decode()
    assert 'value="/classes/undo-the-desk/"' in found
    assert 'value="/classes/gentle/"' not in found
    back = client.post(page.url, {"address": "/classes/undo-the-desk/"})

    assert back.url.startswith("/classes/gentle/comments/?picked=")
    drawn = client.get(back.url)
    form = drawn.context["form"]
    assert form["body"].value() == "Try this:\n\n/classes/undo-the-desk/\n"
    assert form["parent"].value() == str(parent.pk)
    assert form["submission"].value() == "one"


def test_what_comes_back_is_posted_as_it_stands(client, teacher, workout_class):
    back = client.post(begin(client).url, {"address": "/classes/gentle/"})
    form = client.get(back.url).context["form"]

    posted = client.post(
        "/classes/gentle/comments/",
        {name: form[name].value() or "" for name in ("body", "parent", "submission")},
    )

    assert posted.status_code == 302
    assert Comment.objects.get().body == "Try this:\n\n/classes/gentle/"


def test_an_edit_comes_back_to_its_own_form(client, teacher, workout_class):
    comment = make_comment(workout_class, author=teacher, body="Before")
    own = reverse("comments:edit", args=[comment.pk])

    back = client.post(begin(client, "After", own).url, {"address": "/classes/gentle/"})

    assert client.get(back.url).context["form"]["body"].value() == "After\n\n/classes/gentle/\n"


def test_the_words_survive_reload_back_and_another_choice(client, teacher, workout_class):
    page = begin(client).url
    first = client.post(page, {"address": "/classes/gentle/"})
    again = client.post(page, {"address": "/classes/gentle/"})  # a second click

    assert again.url == first.url
    for _reload in range(2):
        body = client.get(first.url).context["form"]["body"].value()
        assert body == "Try this:\n\n/classes/gentle/\n"
    client.post(page, {"address": "/classes/"})
    body = client.get(first.url).context["form"]["body"].value()
    assert body == "Try this:\n\n/classes/gentle/\n\n/classes/\n"


def test_two_tabs_keep_apart(client, teacher, workout_class):
    one, two = begin(client, "One").url, begin(client, "Two").url

    client.post(one, {"address": "/classes/gentle/"})

    assert "Two" in client.get(two).content.decode()
    assert "One" not in client.get(two).content.decode()


def test_only_the_latest_are_kept(client, teacher, workout_class):
    pages = [begin(client, str(number)).url for number in range(6)]

    assert client.get(pages[0]).url == LISTS
    assert client.get(pages[-1]).status_code == 200
    assert len(client.session["comments.picks"]) == 4


def test_what_is_picked_is_drawn_on_its_own_page_only(client, teacher, workout_class):
    make_class(slug="other")
    page = begin(client)
    key = page.url.strip("/").rpartition("/")[2]

    other = client.get("/classes/other/comments/", {"picked": key})

    assert not other.context["form"]["body"].value()


def test_signing_out_meanwhile_loses_nothing(client, workout_class):
    shown = begin(client, "Typed for long")

    assert shown.status_code == 403
    assert "Typed for long" in shown.content.decode()
    doors = parse_qs(shown.context["doors"])
    teacher = make_member()
    make_instructor(member=teacher)
    assert client.get(doors["next"][0]).status_code == 302  # to the door
    # Signing in keeps the session of a visitor, as `force_login` does.
    client.force_login(teacher)

    assert "Typed for long" in client.get(doors["next"][0]).content.decode()


def test_members_are_handed_back_their_words(client, workout_class):
    client.force_login(make_member())

    shown = begin(client, "My words")

    assert shown.status_code == 403
    assert "My words" in shown.content.decode()
    assert client.get(BEGIN).status_code == 403
    assert client.get(LISTS).status_code == 403
    assert "pick" not in client.get("/classes/gentle/comments/").content.decode()


@pytest.mark.parametrize(
    "back",
    [
        "",
        "https://evil.example/",
        "//evil.example/classes/gentle/comments/",
        "/\\evil.example/",
        "/accounts/logout/",
        "/classes/gentle/",
        "/classes/gentle/comments/#x",
        "/" + "x" * 400,
    ],
)
def test_nobody_is_led_elsewhere(client, teacher, workout_class, back):
    shown = begin(client, "My words", back)

    assert shown.status_code == 400
    assert "My words" in shown.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://evil.example/classes/gentle/",
        "/classes/unknown/",
        "/classes/draft/",
        "/accounts/profile/",
        "javascript:alert(1)",
        "/classes/gentle/ and more",
        "/classes/?q=%00",
    ],
)
def test_only_what_everybody_finds_is_inserted(client, teacher, workout_class, address):
    make_class(slug="draft", state=State.DRAFT)
    page = begin(client).url

    refused = client.post(page, {"address": address})

    assert refused.status_code == 422
    assert "leads to no class" in refused.content.decode()
    assert picker.find(refused.wsgi_request, page.strip("/").rpartition("/")[2]).body == "Try this:"


def test_an_address_is_inserted_without_the_host(client, teacher, workout_class, settings):
    settings.SITE_URL = "https://studio.example"

    back = client.post(begin(client).url, {"address": "https://studio.example/classes/gentle/"})

    assert client.get(back.url).context["form"]["body"].value().endswith("\n\n/classes/gentle/\n")


def test_a_list_is_saved_with_its_shortest_address_and_shown_with_its_number(client, teacher):
    tag = make_focus_tag(slug="breathing", name="Breathing")
    make_class(focus_tags=[tag])

    client.post(LISTS, {"address": "/classes/?q=&focus=breathing&page=3", "name": " For  nerves "})

    saved = SavedFilter.objects.get()
    assert (saved.member, saved.name) == (teacher, "For nerves")
    assert saved.address == "/classes/?focus=breathing"
    shown = client.get(LISTS).content.decode()
    assert "For nerves" in shown
    assert "Breathing classes (1)" in shown


def test_a_list_without_a_name_is_called_by_what_it_means(client, teacher):
    make_focus_tag(slug="breathing", name="Breathing")

    client.post(LISTS, {"address": "/focus/breathing/", "name": "\u200b"})

    assert SavedFilter.objects.get().name == "Breathing classes"


def test_saving_a_list_again_gives_it_the_new_name(client, teacher):
    for name in ("One", "Two"):
        client.post(LISTS, {"address": "/classes/?level=beginner", "name": name})

    assert SavedFilter.objects.get().name == "Two"


@pytest.mark.parametrize(
    "address", ["", "/classes/gentle/", "/classes/?level=expert", "https://evil.example/", "\0"]
)
def test_what_is_no_list_is_not_saved_and_stands_in_the_form(
    client, teacher, workout_class, address
):
    refused = client.post(LISTS, {"address": address, "name": "Mine"})

    assert refused.status_code == 422
    assert 'value="Mine"' in refused.content.decode()
    assert not SavedFilter.objects.exists()


def test_only_so_many_lists_are_kept(client, teacher):
    for number in range(60):
        SavedFilter.objects.create(member=teacher, name="x", address=f"/classes/?q=w{number}")

    assert client.post(LISTS, {"address": "/classes/", "name": "One more"}).status_code == 422
    assert client.post(LISTS, {"address": "/classes/?q=w3", "name": "New name"}).status_code == 302


def test_a_list_is_renamed_and_taken_away(client, teacher, workout_class):
    saved = SavedFilter.objects.create(member=teacher, name="One", address="/classes/")
    place = reverse("comments:list", args=[saved.pk])
    key = begin(client).url.strip("/").rpartition("/")[2]

    renamed = client.post(place, {"name": "Two", "key": key})
    assert renamed.url == f"/comments/pick/{key}/#lists"
    assert SavedFilter.objects.get().name == "Two"
    assert client.post(place, {"name": " "}).status_code == 422
    assert client.post(place, {"delete": "1"}).url == f"{LISTS}#lists"

    assert not SavedFilter.objects.exists()


def test_nobody_changes_the_lists_of_another(client, teacher):
    saved = SavedFilter.objects.create(member=make_member(), name="One", address="/classes/")

    assert (
        client.post(reverse("comments:list", args=[saved.pk]), {"delete": "1"}).status_code == 404
    )
    assert "One" not in client.get(LISTS).content.decode()
    assert SavedFilter.objects.exists()


def test_a_list_whose_tag_is_gone_is_not_inserted(client, teacher, workout_class):
    SavedFilter.objects.create(member=teacher, name="Old", address="/classes/?focus=gone")
    page = begin(client).url

    assert "Insert Old" not in client.get(page).content.decode()
    assert client.post(page, {"address": "/classes/?focus=gone"}).status_code == 422


def test_the_form_has_the_button_for_those_who_teach(client, teacher, workout_class):
    html = client.get("/classes/gentle/comments/").content.decode()

    assert 'name="pick" value="/classes/gentle/comments/"' in html
    assert f'formaction="{BEGIN}"' in html


@pytest.mark.parametrize("count", [1, 8])
def test_the_picker_costs_the_same_however_much_it_shows(
    client, teacher, workout_class, django_assert_num_queries, count
):
    for number in range(count):
        tag = make_focus_tag()
        make_class(focus_tags=[tag])
        SavedFilter.objects.create(member=teacher, name="x", address=f"/classes/?q=w{number}")
        SavedFilter.objects.create(
            member=teacher, name="x", address=f"/classes/?focus={tag.slug}&length={number}1-20"
        )
    page = begin(client).url
    client.get(page)  # the catalogue is read

    searches = min(count, 3)
    with django_assert_num_queries(6 + searches):  # session, member, version, cards, lists, desk;
        client.get(page)  # what saved lists look for


def test_the_way_back_keeps_the_film(client, teacher, workout_class):
    film = "/classes/gentle/observe-and-learn/en/"

    back = client.post(begin(client, **{"from": film}).url, {"address": "/classes/"})

    assert parse_qs(urlsplit(back.url).query)["from"] == [film]


def test_words_are_kept_however_many_fields_come_before_them(client, teacher, workout_class):
    editions = {f"edition-{number}": "0" for number in range(20)}

    page = client.post(BEGIN, {**editions, "pick": "/classes/gentle/comments/", "body": "Mine"})

    back = client.post(page.url, {"address": "/classes/gentle/"})
    assert client.get(back.url).context["form"]["body"].value().startswith("Mine")
