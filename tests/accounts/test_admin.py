"""Members in the admin: what a curator may, and what nobody but a superuser may."""

from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member, Membership
from tests.factories import make_instructor, make_member, make_membership

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/member/"
ADD = "/admin/accounts/member/add/"
NO_MEMBERSHIPS = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}


def permissions(*names: str):
    return Permission.objects.filter(codename__in=names, content_type__app_label="accounts")


@pytest.fixture
def curators() -> Group:
    group = Group.objects.create(name="Those who curate")
    group.permissions.set(
        permissions(
            "view_member",
            "add_member",
            "change_member",
            "delete_member",
            "view_membership",
            "add_membership",
            "change_membership",
            "delete_membership",
        )
    )
    return group


@pytest.fixture
def curator(client, curators) -> Member:
    curator = make_member(is_staff=True)
    curator.groups.add(curators)
    client.force_login(curator)
    return curator


@pytest.fixture
def superuser(client) -> Member:
    superuser = make_member(is_staff=True, is_superuser=True)
    client.force_login(superuser)
    return superuser


def change(member: Member) -> str:
    return reverse("admin:accounts_member_change", args=[member.pk])


def words(member: Member, **more) -> dict:
    words = {"display_name": member.display_name, "is_active": "on", **NO_MEMBERSHIPS, **more}
    return {name: value for name, value in words.items() if value is not None}


def test_members_do_not_see_the_admin(client):
    client.force_login(make_member())

    assert client.get(LIST, follow=True).status_code == 403


def test_the_list_shows_who_may_watch(client, curator):
    make_membership(make_member(), ends_at=timezone.now() + timedelta(days=3))
    make_membership(make_member(), ends_at=None)

    page = client.get(LIST).content.decode()

    assert page.count("until ") == 1
    assert page.count("without an end") == 1


def test_the_list_can_be_narrowed_to_those_who_may_watch(client, curator):
    member = make_member()
    make_membership(member)

    running = client.get(LIST, {"membership": "running"}).context["cl"].queryset
    none = client.get(LIST, {"membership": "none"}).context["cl"].queryset

    assert list(running) == [member]
    assert list(none) == [curator]


def test_members_are_found_by_name_and_address(client, curator):
    member = make_member(display_name="Marta", email="duarte@example.com")

    for q in ("mart", "duarte@"):
        assert list(client.get(LIST, {"q": q}).context["cl"].queryset) == [member]


@pytest.mark.parametrize("count", [1, 8])
@pytest.mark.parametrize("page", ["member", "membership"])
def test_the_lists_cost_the_same_whatever_their_length(
    client, superuser, django_assert_max_num_queries, page, count
):
    for _number in range(count):
        make_membership(make_member())

    # session, member, two counts, rows; members also groups for the filter
    with django_assert_max_num_queries(7):
        client.get(f"/admin/accounts/{page}/")


def test_a_curator_changes_a_member(client, curator):
    member = make_member()

    response = client.post(change(member), words(member, display_name="New Name"))

    assert response.status_code == 302
    member.refresh_from_db()
    assert member.display_name == "New Name"
    assert member.history.first().history_user == curator


def test_a_curator_gives_a_name_by_the_same_rules(client, curator):
    make_instructor(name="Ana Lindqvist")
    member = make_member()

    response = client.post(change(member), words(member, display_name="ANA LINDQVIST"))

    assert "display_name" in response.context["adminform"].form.errors


def test_a_curator_makes_no_superuser_and_gives_no_single_right(client, curator):
    member = make_member()
    right = Permission.objects.first()

    client.post(change(member), words(member, is_superuser="on", user_permissions=[right.pk]))

    member.refresh_from_db()
    assert not member.is_superuser
    assert not member.user_permissions.exists()


def test_a_curator_sets_no_address_with_which_a_password_could_be_asked_for(client, curator):
    member = make_member(email="marta@example.com")

    client.post(change(member), words(member, email="curator@example.com"))

    member.refresh_from_db()
    assert member.email == "marta@example.com"


def test_a_curator_makes_another_curator(client, curator, curators):
    member = make_member()

    client.post(change(member), words(member, is_staff="on", groups=[curators.pk]))

    member.refresh_from_db()
    assert member.is_staff
    assert list(member.groups.all()) == [curators]


def test_a_curator_gives_no_group_that_may_more(client, curator):
    powerful = Group.objects.create(name="Powerful")
    powerful.permissions.set(Permission.objects.filter(codename="add_group"))
    member = make_member()

    response = client.post(change(member), words(member, groups=[powerful.pk]))

    assert "groups" in response.context["adminform"].form.errors
    assert not member.groups.exists()


@pytest.mark.parametrize("active", [True, False])
def test_a_curator_does_not_touch_who_may_more(client, curator, active):
    above = make_member(is_staff=True, is_active=active)
    above.user_permissions.set(Permission.objects.filter(codename="add_group"))
    highest = make_member(is_staff=True, is_superuser=True, is_active=active)

    for member in (above, highest):
        assert client.post(change(member), words(member, display_name="X Y")).status_code == 403
        gone = client.post(change(member).replace("change", "delete"), {"post": "yes"})
        assert gone.status_code == 403
        client.post(
            LIST, {"action": "delete_selected", "_selected_action": [member.pk], "post": "yes"}
        )
        member.refresh_from_db()
        assert member.display_name != "X Y"


def test_the_history_can_be_read_and_not_played_back(client, curator):
    member = make_member(is_staff=True)
    Member.objects.filter(pk=member.pk).update(is_staff=False)
    version = reverse(
        "admin:accounts_member_simple_history", args=[member.pk, member.history.get().pk]
    )

    assert client.get(reverse("admin:accounts_member_history", args=[member.pk])).status_code == 200
    client.post(version, words(member, display_name="Played Back"))

    member.refresh_from_db()
    assert not member.is_staff
    assert member.display_name != "Played Back"


def test_a_new_member_has_no_password_and_proves_their_address(client, curator):
    response = client.post(
        ADD, {**words(Member(), email="New@Example.com", display_name="New Member")}
    )

    assert response.status_code == 302
    member = Member.objects.get(email="new@example.com")
    assert not member.has_usable_password()
    assert EmailAddress.objects.get(user=member).verified is False
    assert not member.memberships.exists()  # the trial waits for the address


def test_an_address_is_given_once(client, curator):
    make_member(email="marta@example.com")

    response = client.post(ADD, words(Member(), email="MARTA@example.com", display_name="Another"))

    assert "already" in str(response.context["adminform"].form.errors["email"])


def test_a_superuser_moves_an_account_to_an_address_that_must_be_proved(client, superuser):
    member = make_member(email="old@example.com")
    EmailAddress.objects.create(user=member, email=member.email, primary=True, verified=True)

    client.post(change(member), words(member, email="new@example.com"))

    address = EmailAddress.objects.get(user=member)
    assert (address.email, address.verified) == ("new@example.com", False)


def grant(client, members, **words):
    return client.post(
        LIST,
        {
            "action": "grant_membership",
            "_selected_action": [member.pk for member in members],
            **words,
        },
    )


def test_memberships_are_given_to_several_at_once(client, curator):
    members = [make_member(), make_member()]

    asked = grant(client, members)
    assert "2 members are chosen" in asked.content.decode()
    done = grant(client, members, sure="yes", last_day="2099-12-31", note="A gift")

    assert done.status_code == 302
    for membership in Membership.objects.all():
        assert membership.source == Membership.Source.CURATOR
        assert membership.ends_at.isoformat() == "2100-01-01T00:00:00+00:00"
        assert membership.history.get().history_user == curator


@pytest.mark.parametrize("last_day", ["2001-01-01", "9999-12-31", "soon"])
def test_a_day_that_makes_no_sense_is_refused(client, curator, last_day):
    response = grant(client, [make_member()], sure="yes", last_day=last_day)

    assert "last_day" in response.context["form"].errors
    assert not Membership.objects.exists()


def test_whoever_may_not_give_memberships_is_not_offered_it(client, curator, curators):
    curators.permissions.remove(*permissions("add_membership"))

    grant(client, [make_member()], sure="yes")

    assert not Membership.objects.exists()


@pytest.mark.parametrize("in_bulk", [True, False])
def test_a_deleted_member_leaves_no_picture_behind(
    client, curator, settings, django_capture_on_commit_callbacks, in_bulk
):
    member = make_member()
    member.avatar.save("me.webp", ContentFile(b"picture"))
    file = Path(settings.MEDIA_ROOT) / member.avatar.name
    assert file.exists()

    with django_capture_on_commit_callbacks(execute=True):
        if in_bulk:
            client.post(
                LIST, {"action": "delete_selected", "_selected_action": [member.pk], "post": "yes"}
            )
        else:
            client.post(f"/admin/accounts/member/{member.pk}/delete/", {"post": "yes"})

    assert not Member.objects.filter(pk=member.pk).exists()
    assert not file.exists()


def test_the_admin_has_no_door_of_its_own(client):
    make_member(email="curator@example.com", is_staff=True)

    response = client.post(
        "/admin/login/", {"username": "curator@example.com", "password": "a quiet morning"}
    )

    assert response["Location"].startswith(reverse("account_login"))
    assert "_auth_user_id" not in client.session


# --- What is decided about memberships ----------------------------------------------------------

DAY = timedelta(days=1)


def decide(client, choice, members, path=LIST, **words):
    chosen = [member.pk for member in members]
    return client.post(path, {"action": choice, "_selected_action": chosen, **words})


def asked_at(page) -> str:
    return page.context["form"]["asked_at"].value()


def sentences(client) -> str:
    return " ".join(str(message) for message in client.get(LIST).context["messages"])


def test_several_are_extended_once_however_often_it_is_sent(client, curator):
    members = [make_member(), make_member()]
    ends = [timezone.now() + DAY, timezone.now() + 2 * DAY]
    for member, end in zip(members, ends, strict=True):
        make_membership(member, ends_at=end)
    everybody = [*members, make_member()]
    page = decide(client, "extend_membership", everybody)
    assert "3 members are chosen" in page.content.decode()

    for told in ("2 memberships end later now. Of 1 member none runs", "Those of 2 members were"):
        decide(
            client,
            "extend_membership",
            everybody,
            sure="yes",
            days="7",
            note="Ill",
            asked_at=asked_at(page),
        )
        assert told in sentences(client)

    for member, end in zip(members, ends, strict=True):
        membership = member.memberships.get()
        assert (membership.ends_at, membership.note) == (end + 7 * DAY, "Ill")
        assert membership.history.first().history_user == curator


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({}, "__all__"),
        ({"days": "7", "last_day": "2099-12-31"}, "__all__"),
        ({"days": "0"}, "days"),
        ({"days": "99999999999999999999"}, "days"),
        ({"last_day": "2001-01-01"}, "last_day"),
        ({"last_day": "9999-12-31"}, "last_day"),
        ({"days": "7", "asked_at": "2001-01-01"}, "asked_at"),
    ],
)
def test_an_extension_that_makes_no_sense_is_refused_and_kept(client, curator, words, field):
    member = make_member()
    membership = make_membership(member, ends_at=timezone.now() + DAY)
    asked = {"asked_at": asked_at(decide(client, "extend_membership", [member]))}

    page = decide(
        client, "extend_membership", [member], sure="yes", note="Ill", **{**asked, **words}
    )

    assert field in page.context["form"].errors
    assert 'value="Ill"' in page.content.decode()
    assert membership.history.count() == 1


def test_several_are_ended_at_the_end_of_a_day(client, curator):
    endless, sooner = make_member(), make_member()
    for member, ends_at in ((endless, None), (sooner, timezone.now() + DAY)):
        make_membership(member, ends_at=ends_at)

    for told in ("1 membership got its end.", "Nothing was left to end"):
        decide(
            client,
            "end_membership",
            [endless, sooner],
            sure="yes",
            last_day="2099-12-31",
            note="Moved away",
        )
        assert told in sentences(client)

    membership = endless.memberships.get()
    assert membership.ends_at.isoformat() == "2100-01-01T00:00:00+00:00"
    assert membership.note == membership.history.first().history_change_reason == "Moved away"
    assert sooner.memberships.get().history.count() == 1


def test_the_films_close_now_only_if_that_is_said(client, curator):
    member = make_member()
    make_membership(member)

    asked = decide(client, "end_membership", [member], sure="yes")
    assert "__all__" in asked.context["form"].errors
    assert "A film that is open already may go on for up to 12 hours." in asked.rendered_content
    assert member.memberships.running().exists()

    decide(client, "end_membership", [member], sure="yes", at_once="on")
    assert not member.memberships.running().exists()


def test_who_closes_the_films_is_told_how_long_one_may_go_on(client, curator, settings):
    settings.FILM_COOKIE_AGE = 8 * 3600

    asked = decide(client, "end_membership", [make_member()])

    assert "A film that is open already may go on for up to 8 hours." in asked.rendered_content


def test_memberships_are_ended_in_their_own_list(client, curator):
    ended, kept = make_membership(make_member()), make_membership(make_member())
    path = reverse("admin:accounts_membership_changelist")

    asked = decide(client, "end_membership", [ended], path)
    assert f"<bdi>{ended.member}</bdi>: without an end" in asked.content.decode()
    decide(client, "end_membership", [ended], path, sure="yes", at_once="on")

    assert list(Membership.objects.running()) == [kept]


def test_all_that_a_filter_leaves_are_chosen_by_it(client, curator):
    running, other = make_member(), make_member()
    make_membership(running)

    decide(
        client,
        "end_membership",
        [running],
        f"{LIST}?membership=running",
        select_across="1",
        sure="yes",
        at_once="on",
    )

    assert not running.memberships.running().exists()
    assert not other.memberships.exists()


@pytest.mark.parametrize("choice", ["extend_membership", "end_membership"])
def test_whoever_may_not_change_memberships_is_not_offered_it(client, curator, curators, choice):
    curators.permissions.remove(*permissions("change_membership"))
    member = make_member()
    make_membership(member)

    decide(client, choice, [member], sure="yes", at_once="on")

    assert member.memberships.running().exists()
    assert choice not in client.get(change(member)).content.decode()


def test_the_page_of_a_member_leads_to_each_choice_and_shows_what_there_was(client, curator):
    member = make_member()
    make_membership(member, note="A gift for her birthday")

    page = client.get(change(member)).content.decode()

    for choice in ("grant_membership", "extend_membership", "end_membership"):
        assert f'name="action" value="{choice}"' in page
    assert "A gift for her birthday" in page


def test_nobody_chooses_where_a_membership_came_from(client, curator):
    member = make_member()
    add = reverse("admin:accounts_membership_add")
    starts = {"starts_at_0": "2026-01-01", "starts_at_1": "00:00", "ends_at_0": "", "ends_at_1": ""}

    client.post(add, {"member": member.pk, "source": "payment", "reference": "sub_1", **starts})

    membership = member.memberships.get()
    assert (membership.source, membership.reference) == ("curator", "")
    assert membership.history.get().history_user == curator


@pytest.fixture
def one_of_each(curator) -> dict[str, Member]:
    now = timezone.now()
    people = {
        name: make_member() for name in ("never", "runs", "soon", "goes on", "tried", "long ago")
    }
    make_membership(people["runs"])
    make_membership(people["soon"], ends_at=now + 3 * DAY)
    make_membership(people["goes on"], ends_at=now + 3 * DAY, source="trial")
    make_membership(people["goes on"], starts_at=now + 3 * DAY, ends_at=None)
    make_membership(people["tried"], source="trial", starts_at=now - 9 * DAY, ends_at=now - DAY)
    make_membership(people["long ago"], starts_at=now - 90 * DAY, ends_at=now - 40 * DAY)
    return people


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({"membership": "running"}, {"runs", "soon", "goes on"}),
        ({"membership": "soon"}, {"soon"}),
        ({"membership": "ended"}, {"tried"}),
        ({"membership": "none"}, {"never", "tried", "long ago", "curator"}),
        ({"source": "trial"}, {"tried"}),
        ({"source": "curator"}, {"runs", "soon", "goes on", "long ago"}),
        ({"membership": "ended", "source": "trial"}, {"tried"}),
        (
            {"source": "nonsense"},
            {"never", "runs", "soon", "goes on", "tried", "long ago", "curator"},
        ),
    ],
)
def test_members_are_found_by_how_they_stand(client, curator, one_of_each, chosen, names):
    found = client.get(LIST, chosen).context["cl"].queryset

    people = {**one_of_each, "curator": curator}
    assert {name for name, member in people.items() if member in found} == names


@pytest.mark.parametrize(
    ("time", "count"), [("running", 3), ("soon", 2), ("ended", 1), ("coming", 1), ("nonsense", 6)]
)
def test_memberships_are_found_by_their_time(client, one_of_each, time, count):
    path = reverse("admin:accounts_membership_changelist")

    assert len(client.get(path, {"time": time}).context["cl"].queryset) == count


@pytest.mark.parametrize("column", ["6", "-6"])
def test_members_are_put_in_order_by_the_end_of_what_runs(client, one_of_each, column):
    assert client.get(LIST, {"o": column}).status_code == 200


@pytest.mark.parametrize("count", [1, 8])
@pytest.mark.parametrize("choice", ["grant_membership", "extend_membership", "end_membership"])
def test_the_page_that_asks_costs_the_same_for_many(
    client, superuser, django_assert_max_num_queries, choice, count
):
    members = [make_member() for _number in range(count)]
    for member in members:
        make_membership(member)

    # session, member, what its list counts, who is chosen, their memberships
    with django_assert_max_num_queries(9):
        decide(client, choice, members)
