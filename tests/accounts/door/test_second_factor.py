"""A second factor for staff: what is closed without it, and what leads to it."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.totp.internal.auth import yield_hotp_counters_from_time as counters
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.door.second_factor import count_setting_up_as_proof
from accounts.models import Member
from tests.factories import make_class, make_member

pytestmark = pytest.mark.django_db

PASSWORD = "a quiet morning"
HTML = {"accept": "text/html"}
SET_UP = "/accounts/2fa/"
PROVE = "/accounts/2fa/reauthenticate/"


@pytest.fixture(autouse=True)
def asked_for(settings) -> None:
    settings.STAFF_MFA = True


def staff(**attrs) -> Member:
    attrs = {"is_staff": True, "is_superuser": True, **attrs}
    member = make_member(**attrs)
    EmailAddress.objects.create(user=member, email=member.email, primary=True, verified=True)
    return member


def code_for(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(counters()))))


def sign_in(client, member: Member, **fields):
    fields = {"login": member.email, "password": PASSWORD, **fields}
    return client.post(reverse("account_login"), fields)


def sign_in_with_app(client, member: Member) -> None:
    secret = generate_totp_secret()
    TOTP.activate(member, secret)
    sign_in(client, member)
    client.post(reverse("mfa_authenticate"), {"code": code_for(secret)})


@pytest.mark.parametrize("address", ["/", "/admin/", "/classes/", "/desk/", "/accounts/profile/"])
def test_staff_without_a_factor_are_led_to_set_one_up(client, address):
    sign_in(client, staff())

    response = client.get(address, headers=HTML)

    assert response.status_code == 302
    assert response["Location"].startswith(f"{SET_UP}?next=")


def test_it_is_asked_of_superusers_who_are_no_staff_too(client):
    sign_in(client, staff(is_staff=False))

    assert client.get("/", headers=HTML)["Location"].startswith(SET_UP)


def test_the_page_where_it_is_set_up_says_why(client):
    sign_in(client, staff())

    page = client.get("/admin/", headers=HTML, follow=True).content.decode()

    assert "needs a second factor" in page
    assert reverse("mfa_activate_totp") in page


def test_a_draft_stays_closed(client):
    draft = make_class(state="draft")
    sign_in(client, staff())

    assert client.get(draft.get_absolute_url(), headers=HTML).status_code == 302


@pytest.mark.parametrize("address", ["/accounts/profile/", "/classes/"])
def test_members_are_asked_for_nothing_and_cost_no_query_more(client, settings, address):
    client.force_login(make_member())
    client.get(address)
    costs = []
    for asked in (False, True):
        settings.STAFF_MFA = asked
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        costs.append(len(queries))

    assert costs[0] == costs[1]


def test_visitors_get_no_session_by_it(client):
    assert not client.get("/").cookies


def test_without_the_setting_staff_are_not_asked(client, settings):
    settings.STAFF_MFA = False
    sign_in(client, staff())

    assert client.get("/admin/").status_code == 200


def test_an_app_that_was_asked_for_at_sign_in_opens_the_studio(client):
    sign_in_with_app(client, staff())

    assert client.get("/admin/", headers=HTML).status_code == 200


def test_a_recovery_code_opens_the_studio(client):
    member = staff()
    TOTP.activate(member, generate_totp_secret())
    code = RecoveryCodes.activate(member).get_unused_codes()[0]
    sign_in(client, member)

    client.post(reverse("mfa_authenticate"), {"code": code})

    assert client.get("/admin/", headers=HTML).status_code == 200


def test_who_is_made_staff_meanwhile_is_asked_at_the_next_page(client):
    member = staff(is_staff=False, is_superuser=False)
    sign_in(client, member)
    assert client.get("/classes/", headers=HTML).status_code == 200

    Member.objects.filter(pk=member.pk).update(is_staff=True)

    assert client.get("/classes/", headers=HTML)["Location"].startswith(SET_UP)


def test_a_factor_set_up_elsewhere_is_to_be_proven_here(client):
    member = staff()
    secret = generate_totp_secret()
    sign_in(client, member)
    TOTP.activate(member, secret)

    asked = client.get("/admin/", headers=HTML, follow=True)
    assert asked.redirect_chain[-1][0] == f"{PROVE}?next=%2Fadmin%2F"
    assert reverse("account_reauthenticate") not in asked.content.decode()
    proven = client.post(PROVE, {"code": code_for(secret), "next": "/admin/"})

    assert proven["Location"] == "/admin/"
    assert client.get("/admin/", headers=HTML).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["mfa_add_webauthn", "mfa_activate_totp", "mfa_deactivate_totp", "account_reauthenticate"],
)
def test_a_password_alone_neither_adds_nor_removes_a_factor(client, name):
    member = staff()
    sign_in(client, member)
    TOTP.activate(member, generate_totp_secret())

    for method in (client.get, client.post):
        response = method(reverse(name), headers=HTML)
        assert response.status_code in (302, 403)
        if response.status_code == 302:
            assert response["Location"].startswith(PROVE)
    assert Authenticator.objects.filter(user=member).count() == 1


def test_a_further_factor_proves_nothing(client):
    """It takes a password to add one: who knows that would otherwise come past the first."""
    member = staff(is_staff=False, is_superuser=False)
    sign_in(client, member)
    TOTP.activate(member, generate_totp_secret())
    request = client.get("/classes/").wsgi_request
    further = Authenticator.objects.create(user=member, type=Authenticator.Type.WEBAUTHN, data={})

    count_setting_up_as_proof(Authenticator, request, member, further)
    request.session.save()

    Member.objects.filter(pk=member.pk).update(is_staff=True)
    assert client.get("/admin/", headers=HTML)["Location"].startswith(PROVE)


def test_no_page_says_a_password_back(client):
    sign_in(client, staff())

    response = client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": "a louder morning"},
        headers=HTML,
    )

    page = response.content.decode()
    assert response.status_code == 403
    assert PASSWORD not in page
    assert "a louder morning" not in page


def test_who_has_only_a_passkey_is_asked_for_it(client):
    member = staff()
    sign_in(client, member)
    Authenticator.objects.create(
        user=member, type=Authenticator.Type.WEBAUTHN, data={"name": "my telephone"}
    )

    response = client.get(client.get("/admin/", headers=HTML)["Location"], headers=HTML)

    assert response["Location"].startswith(reverse("mfa_reauthenticate_webauthn"))


def test_staff_may_always_sign_out(client):
    sign_in(client, staff())

    client.post(reverse("account_logout"), headers=HTML)

    assert "_auth_user_id" not in client.session


def test_scripts_and_players_are_told_in_their_form(client):
    sign_in(client, staff())

    response = client.get("/feed/", headers={"accept": "*/*"})

    assert response.status_code == 403
    assert response.json()["reason"] == "second-factor"
    assert response.json()["href"].startswith(SET_UP)


def test_what_was_typed_is_not_lost(client):
    workout_class = make_class()
    sign_in(client, staff())

    response = client.post(
        reverse("comments:post", args=[workout_class.slug]),
        {"body": "How far do I turn?\nAnd why?"},
        headers=HTML,
    )

    page = response.content.decode()
    assert response.status_code == 403
    assert "How far do I turn?\nAnd why?</textarea>" in page
    assert not workout_class.comments.exists()


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_setting_up_an_app_opens_the_studio_at_once(client):
    call_command(
        "createsuperuser", email="first@example.com", display_name="First", interactive=False
    )
    member = Member.objects.get()
    member.set_password(PASSWORD)
    member.save()
    EmailAddress.objects.create(user=member, email=member.email, primary=True, verified=True)
    sign_in(client, member)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD}, headers=HTML)
    secret = client.get(reverse("mfa_activate_totp"), headers=HTML).context["form"].secret

    client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)}, headers=HTML)

    assert client.get("/admin/", headers=HTML).status_code == 200


# --- The last factor


def test_staff_keep_their_last_factor(client):
    member = staff()
    sign_in_with_app(client, member)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    page = client.post(reverse("mfa_deactivate_totp")).content.decode()

    assert "your only second factor" in page
    assert Authenticator.objects.filter(user=member, type=Authenticator.Type.TOTP).exists()


def test_a_member_may_remove_theirs(client):
    member = staff(is_staff=False, is_superuser=False)
    sign_in_with_app(client, member)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    client.post(reverse("mfa_deactivate_totp"))

    assert not Authenticator.objects.filter(user=member).exists()


@pytest.mark.parametrize(("name", "has_app"), [("totp/activate/", 0), ("recovery-codes/", 1)])
def test_no_browser_keeps_a_page_with_a_secret(client, settings, name, has_app):
    settings.STAFF_MFA = False
    member = staff(is_staff=False, is_superuser=False)
    sign_in(client, member)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    if has_app:
        TOTP.activate(member, generate_totp_secret())
        RecoveryCodes.activate(member)

    page = client.get(f"{SET_UP}{name}")

    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
