"""The profile: who may see it, what it keeps, and what it refuses."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Member
from tests.accounts.test_avatars import picture, upload
from tests.factories import make_instructor, make_member, make_membership

pytestmark = pytest.mark.django_db

PAGE = "/accounts/profile/"
WORDS = {"display_name": "Marta Duarte", "language": "es", "time_zone": "Europe/Lisbon"}


@pytest.fixture
def member(client) -> Member:
    member = make_member(display_name="Marta")
    client.force_login(member)
    return member


def avatars(settings) -> list[str]:
    return sorted(path.name for path in Path(settings.MEDIA_ROOT).rglob("*.webp"))


def test_the_profile_is_for_those_who_are_signed_in(client):
    response = client.get(PAGE)

    assert response.status_code == 302
    assert response["Location"] == f"{reverse('account_login')}?next={PAGE}"


def test_the_profile_keeps_what_is_typed(client, member):
    response = client.post(PAGE, WORDS, follow=True)

    assert response.redirect_chain == [(PAGE, 302)]
    assert [str(message) for message in response.context["messages"]] == ["Guardado."]
    member.refresh_from_db()
    assert (member.display_name, member.language, member.time_zone) == tuple(WORDS.values())


def test_saving_leaves_the_password_and_the_rights_alone(client, member):
    client.post(PAGE, {**WORDS, "is_staff": "on", "email": "x@example.com", "password": "x"})

    after = Member.objects.get(pk=member.pk)
    assert (after.password, after.email, after.is_staff) == (member.password, member.email, False)


def test_the_language_goes_into_the_cookie_and_out_again(client, member):
    assert client.post(PAGE, WORDS).cookies["language"].value == "es"

    gone = client.post(PAGE, {**WORDS, "language": ""}).cookies["language"]

    assert (gone.value, gone["max-age"]) == ("", 0)


def test_a_refused_name_is_said_and_the_rest_stays_typed(client, member):
    make_instructor(name="Ana Lindqvist")

    response = client.post(PAGE, {**WORDS, "display_name": "ana lindqvist"})

    page = response.content.decode()
    assert "somebody who teaches here" in page
    assert 'value="ana lindqvist"' in page
    assert '<option value="Europe/Lisbon" selected>' in page
    # The header still shows who is signed in, not what was refused.
    assert '<span class="site-account-name" dir="auto">Marta</span>' in page
    member.refresh_from_db()
    assert member.display_name == "Marta"


@pytest.mark.parametrize(
    ("field", "value"), [("language", "tlh"), ("time_zone", "Atlantis/Harbour")]
)
def test_a_choice_that_is_not_offered_is_refused(client, member, field, value):
    response = client.post(PAGE, {**WORDS, field: value})

    assert response.context["form"].errors.keys() == {field}


def test_a_picture_is_kept_and_its_forerunner_goes(
    client, member, settings, django_capture_on_commit_callbacks
):
    for _number in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            client.post(PAGE, {**WORDS, "picture": upload(picture(), "PNG")})

    member.refresh_from_db()
    assert avatars(settings) == [Path(member.avatar.name).name]


def test_a_picture_stays_when_something_else_is_saved(client, member, settings):
    client.post(PAGE, {**WORDS, "picture": upload(picture(), "PNG")})
    before = avatars(settings)

    client.post(PAGE, {**WORDS, "display_name": "Marta D."})

    member.refresh_from_db()
    assert [Path(member.avatar.name).name] == avatars(settings) == before


def test_a_picture_can_be_removed(client, member, settings, django_capture_on_commit_callbacks):
    client.post(PAGE, {**WORDS, "picture": upload(picture(), "PNG")})

    with django_capture_on_commit_callbacks(execute=True):
        client.post(PAGE, {**WORDS, "remove_picture": "on"})

    member.refresh_from_db()
    assert not member.avatar
    assert avatars(settings) == []


def test_a_refused_picture_leaves_nothing_behind(client, member, settings):
    response = client.post(PAGE, {**WORDS, "picture": SimpleUploadedFile("me.png", b"no picture")})

    page = response.content.decode()
    assert "no picture we can read" in page
    assert 'value="Marta Duarte"' in page
    assert avatars(settings) == []


def test_sending_the_same_profile_twice_changes_it_once(client, member):
    for _number in range(2):
        client.post(PAGE, WORDS)

    assert member.history.count() == 2  # made, changed


def test_errors_are_tied_to_their_fields(client, member):
    page = client.post(PAGE, {**WORDS, "display_name": ""}).content.decode()

    assert 'aria-describedby="id_display_name_helptext id_display_name_error"' in page
    assert 'aria-invalid="true"' in page
    assert "autofocus" in page


@pytest.mark.parametrize("count", [1, 8])
def test_the_profile_costs_four_queries(client, member, django_assert_num_queries, count):
    for _number in range(count):
        make_membership(member)

    with django_assert_num_queries(4):  # session, member, memberships, departure
        client.get(PAGE)


@pytest.mark.parametrize(
    ("has_password", "offered", "other"),
    [
        (True, "account_change_password", "account_set_password"),
        (False, "account_set_password", "account_change_password"),
    ],
)
def test_the_profile_leads_to_all_that_is_theirs(client, member, has_password, offered, other):
    if not has_password:
        member.set_unusable_password()
        member.save()
        client.force_login(member)

    page = client.get(PAGE).content.decode()

    main = page[page.index("<main") : page.index("</main>")]
    for name in (
        offered,
        "accounts:address",
        "accounts:membership",
        "accounts:privacy",
        "accounts:sessions",
        "classes:my",
        "classes:my_avoid",
        "classes:my_history",
        "comments:my_mail",
        "mfa_index",
    ):
        assert f'href="{reverse(name)}"' in main
    assert reverse(other) not in main
