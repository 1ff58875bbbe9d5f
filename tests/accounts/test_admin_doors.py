"""What superusers see of how others come in: enough to help them, nothing to be them by."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import Member
from tests.factories import make_member

pytestmark = pytest.mark.django_db

LISTS = ["/admin/mfa/authenticator/", "/admin/usersessions/usersession/"]


@pytest.fixture
def member() -> Member:
    """With an app, and signed in somewhere."""
    member = make_member(display_name="Marta", email="duarte@example.com")
    EmailAddress.objects.create(user=member, email=member.email, primary=True, verified=True)
    fields = {"login": member.email, "password": "a quiet morning"}
    Client().post(reverse("account_login"), fields)
    TOTP.activate(member, generate_totp_secret())
    return member


@pytest.fixture(autouse=True)
def superuser(client) -> Member:
    superuser = make_member(is_staff=True, is_superuser=True)
    client.force_login(superuser)
    return superuser


def test_the_secret_of_an_app_is_not_shown(client, member):
    factor = Authenticator.objects.get(user=member)

    page = client.get(f"{LISTS[0]}{factor.pk}/change/").content.decode()

    assert "Marta" in page
    assert factor.data["secret"] not in page


def test_the_key_of_a_session_is_not_shown(client, member):
    session = UserSession.objects.get(user=member)

    page = client.get(f"{LISTS[1]}{session.pk}/change/").content.decode()

    assert "Marta" in page
    assert session.session_key not in page


@pytest.mark.parametrize("address", LISTS)
def test_what_is_theirs_is_found_by_their_name(client, member, address):
    make_member()

    found = client.get(address, {"q": "marta"}).context["cl"].queryset

    assert [row.user for row in found] == [member]


@pytest.mark.parametrize("address", LISTS)
def test_nothing_is_added_or_changed(client, member, address):
    pk = {LISTS[0]: Authenticator, LISTS[1]: UserSession}[address].objects.get(user=member).pk

    assert client.get(f"{address}add/").status_code == 403
    assert client.post(f"{address}{pk}/change/", {"user": member.pk}).status_code == 403


def test_a_factor_that_was_lost_is_removed(client, member):
    factor = Authenticator.objects.get(user=member)

    client.post(f"{LISTS[0]}{factor.pk}/delete/", {"post": "yes"})

    assert not Authenticator.objects.filter(user=member).exists()


@pytest.mark.parametrize("may_more", [True, False])
@pytest.mark.parametrize("at_once", [True, False])
def test_nobody_takes_a_factor_from_who_may_more(client, member, may_more, at_once):
    helper = make_member(is_staff=True)
    rights = ["view_authenticator", "delete_authenticator"]
    helper.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(helper)
    factor = Authenticator.objects.get(user=member)
    Member.objects.filter(pk=member.pk).update(is_superuser=may_more)

    if at_once:
        chosen = {"action": "delete_selected", "_selected_action": factor.pk, "post": "yes"}
        client.post(LISTS[0], chosen)
    else:
        client.post(f"{LISTS[0]}{factor.pk}/delete/", {"post": "yes"})

    assert Authenticator.objects.filter(pk=factor.pk).exists() is may_more


@pytest.mark.parametrize("method", ["get", "post"])
def test_staff_change_their_password_where_everybody_does(client, superuser, method):
    fields = {
        "old_password": "a quiet morning",
        "new_password1": "x" * 12,
        "new_password2": "x" * 12,
    }

    answer = getattr(client, method)(reverse("admin:password_change"), fields)

    assert answer["Location"] == reverse("account_change_password")
    superuser.refresh_from_db()
    assert superuser.check_password("a quiet morning")
