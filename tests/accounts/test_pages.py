"""Every page of the door in our own dress, and what the door gives away."""

import re
from html.parser import HTMLParser

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import resolve, reverse

from accounts.models import Member
from tests.factories import make_member

pytestmark = pytest.mark.django_db

PASSWORD = "a quiet morning"


def verified(**attrs) -> Member:
    member = make_member(**attrs)
    EmailAddress.objects.create(user=member, email=member.email, primary=True, verified=True)
    return member


@pytest.fixture
def member(client) -> Member:
    """Signed in, and confirmed a moment ago, so that no page asks for the password again."""
    member = verified()
    client.post(reverse("account_login"), {"login": member.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return member


class Policy(HTMLParser):
    """Collects what the site's Content-Security-Policy would block."""

    def __init__(self) -> None:
        super().__init__()
        self.blocked: list[str] = []

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "style" or "style" in attrs or any(name.startswith("on") for name in attrs):
            self.blocked.append(self.get_starttag_text())
        elif tag == "script" and "src" not in attrs:
            if not attrs.get("type", "").endswith("json"):
                self.blocked.append(self.get_starttag_text())
        elif str(attrs.get("src") or attrs.get("href") or "").startswith(("data:", "http")):
            self.blocked.append(self.get_starttag_text())


def assert_ours(response) -> None:
    page = response.content.decode()
    policy = Policy()
    policy.feed(page)
    assert response.status_code == 200
    assert policy.blocked == []
    assert 'class="site-header"' in page
    assert len(re.findall(r"<h1[ >]", page)) == 1
    assert re.search(r"<title>\S.* · Matwork</title>", page)
    assert "placeholder" not in page.replace('placeholder="Search classes"', "")


@pytest.mark.parametrize(
    "name",
    ["account_login", "account_signup", "account_reset_password", "account_inactive"],
)
def test_pages_for_visitors_are_ours(client, name):
    assert_ours(client.get(reverse(name)))


@pytest.mark.parametrize(
    "name",
    [
        "account_email",
        "account_change_password",
        "account_logout",
        "account_reauthenticate",
        "accounts:profile",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "usersessions_list",
    ],
)
def test_pages_for_members_are_ours(client, member, name):
    assert_ours(client.get(reverse(name)))


def test_addresses_are_changed_on_our_page_only():
    """allauth's, at the same address, would let one mailbox decide alone."""
    assert resolve(reverse("account_email")).view_name == "accounts:address"


def test_pages_of_a_second_step_are_ours(client, member):
    TOTP.activate(member, generate_totp_secret())
    RecoveryCodes.activate(member)
    key = Authenticator.objects.create(
        user=member, type=Authenticator.Type.WEBAUTHN, data={"name": "my telephone"}
    )

    for name in (
        "mfa_index",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_list_webauthn",
        "mfa_reauthenticate",
    ):
        assert_ours(client.get(reverse(name)))
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert_ours(client.get(reverse(name, args=[key.pk])))
    client.post(reverse("account_logout"))
    key.delete()
    asked = client.post(
        reverse("account_login"), {"login": member.email, "password": PASSWORD}, follow=True
    )
    assert asked.redirect_chain[-1][0] == reverse("mfa_authenticate")
    assert_ours(asked)
    assert 'inputmode="numeric"' in asked.content.decode()


def test_an_authenticator_app_is_set_up_by_a_picture_in_the_page(client, member):
    page = client.get(reverse("mfa_activate_totp")).content.decode()

    assert re.search(r'<div class="qr" role="img".*<svg [^>]*>.*<path ', page, re.DOTALL)


# --- Sign-in


def test_sign_in_leads_to_where_one_wanted_to_go_and_brings_the_language(client):
    member = verified(language="es")

    response = client.post(
        reverse("account_login"),
        {"login": member.email.upper(), "password": PASSWORD, "next": "/classes/?focus=spine-safe"},
    )

    assert response["Location"] == "/classes/?focus=spine-safe"
    assert response.cookies["language"].value == "es"
    assert int(client.session["_auth_user_id"]) == member.pk


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_sign_in_leads_nowhere_else(client, away):
    member = verified()

    response = client.post(
        reverse("account_login"), {"login": member.email, "password": PASSWORD, "next": away}
    )

    assert response["Location"] == "/"


def test_a_wrong_password_and_an_unknown_address_read_the_same(client):
    def answer(email: str) -> str:
        page = client.post(
            reverse("account_login"), {"login": email, "password": "wrong"}
        ).content.decode()
        assert "The e-mail address or the password is not right." in page
        return re.sub(r'value="[^"]*"', "", page)

    assert answer(verified().email) == answer("nobody@example.com")


def test_the_focus_goes_to_what_was_wrong(client):
    page = client.post(reverse("account_login"), {"login": "no address"}).content.decode()

    (focused,) = re.findall(r"<[^>]* autofocus[^>]*>", page)
    assert 'name="login"' in focused
    assert 'aria-describedby="id_login_error"' in focused


def test_guessing_is_stopped_for_the_right_password_too_also_at_the_admins_door(client):
    curator = verified(is_staff=True)
    door = client.get("/admin/", follow=True)
    assert door.redirect_chain[-1][0] == f"{reverse('account_login')}?next=%2Fadmin%2F"
    for _guess in range(5):
        client.post(
            reverse("account_login"),
            {"login": curator.email, "password": "wrong", "next": "/admin/"},
        )

    response = client.post(
        reverse("account_login"),
        {"login": curator.email, "password": PASSWORD, "next": "/admin/"},
    )

    assert "Too many attempts" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_one_address_on_the_net_is_stopped_with_a_page_of_ours(client):
    for _attempt in range(30):
        client.post(reverse("account_login"), {"login": "x"})

    response = client.post(reverse("account_login"), {"login": "x"})

    assert response.status_code == 429
    assert "a little too often" in response.content.decode()


def test_signing_out_asks_first_and_then_does_it(client, member):
    assert client.get(reverse("account_logout")).status_code == 200
    assert "_auth_user_id" in client.session

    response = client.post(reverse("account_logout"))

    assert response["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_a_stopped_account_does_not_get_in(client):
    member = verified(is_active=False)

    response = client.post(
        reverse("account_login"), {"login": member.email, "password": PASSWORD}, follow=True
    )

    assert "This account rests" in response.content.decode()
    assert "_auth_user_id" not in client.session


# --- Cookies


@pytest.mark.parametrize(
    ("name", "cookies"),
    [("home", set()), ("account_login", {"csrf"}), ("account_signup", {"csrf"})],
)
def test_only_the_door_sets_a_cookie(client, name, cookies):
    assert set(client.get(reverse(name)).cookies) == cookies


# --- A forgotten password


def code_in(mail) -> str:
    return re.search(r"^[A-Z]{4}-[A-Z]{4}$", mail.body, re.MULTILINE)[0]


def test_a_forgotten_password_is_replaced_by_code(client, mailoutbox):
    member = verified()

    asked = client.post(reverse("account_reset_password"), {"email": member.email}, follow=True)
    assert_ours(asked)
    chosen = client.post(
        asked.redirect_chain[-1][0], {"code": code_in(mailoutbox[0]).lower()}, follow=True
    )
    assert_ours(chosen)
    done = client.post(
        chosen.redirect_chain[-1][0], {"password1": "a brand new morning"}, follow=True
    )

    assert_ours(done)
    member.refresh_from_db()
    assert member.check_password("a brand new morning")
    assert [mail.to for mail in mailoutbox] == [[member.email]]  # the code
    assert member.letters.get().data["about"] == "password_reset"  # the news


def test_asking_for_a_password_reads_the_same_for_every_address(client, mailoutbox):
    def answer(email: str) -> str:
        response = client.post(reverse("account_reset_password"), {"email": email}, follow=True)
        client.get(reverse("account_login"))
        text = response.content.decode().replace(email, "")
        return re.sub(r'value="[^"]*"', "", text)

    known = verified(email="known@example.com")

    assert answer(known.email) == answer("nobody@example.com")
    assert [mail.to for mail in mailoutbox] == [["known@example.com"], ["nobody@example.com"]]
    assert "no account with that address" in " ".join(mailoutbox[1].body.split())


# --- Mail


def test_mail_speaks_for_the_studio_and_its_links_start_with_its_address(
    client, mailoutbox, settings
):
    settings.SITE_URL = "https://studio.example"
    settings.STUDIO_NAME = "Still & Water"
    member = verified()

    client.post(
        reverse("account_signup"),
        {"email": member.email, "display_name": "Marta", "password1": "a brand new morning"},
        headers={"host": "localhost"},
    )

    (mail,) = mailoutbox
    assert mail.subject == "You have an account at Still & Water"
    assert "https://studio.example/accounts/login/" in mail.body
    assert "localhost" not in mail.body
    assert "&amp;" not in mail.body


# --- A changed password


def test_a_changed_password_ends_the_sessions_elsewhere_and_keeps_this_one(client, member):
    elsewhere = Client()
    elsewhere.force_login(member)

    response = client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": "a brand new morning"},
    )

    assert response.status_code == 302
    assert client.get(reverse("accounts:profile")).status_code == 200
    assert elsewhere.get(reverse("accounts:profile")).status_code == 302


def test_a_password_is_not_changed_without_the_old_one(client, member):
    page = client.post(
        reverse("account_change_password"),
        {"oldpassword": "wrong", "password1": "a brand new morning"},
    ).content.decode()

    assert "That is not your current password." in page
    member.refresh_from_db()
    assert member.check_password(PASSWORD)


def test_other_sessions_are_listed_and_ended(client, member):
    elsewhere = Client(headers={"user-agent": "Mozilla/5.0 (iPhone) Version/19 Safari/604.1"})
    elsewhere.post(reverse("account_login"), {"login": member.email, "password": PASSWORD})
    listed = client.get(reverse("usersessions_list"))
    assert "Safari, iPhone" in listed.content.decode()

    client.post(reverse("usersessions_list"))

    assert elsewhere.get(reverse("accounts:profile")).status_code == 302
    assert client.get(reverse("accounts:profile")).status_code == 200
