"""What only a browser shows of the door: passkeys, passwords in sight, pages with errors."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import caches
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import Member
from tests.factories import make_member

PASSWORD = "a quiet morning"


class SecurityChip:
    """The browser's own authenticator, virtual: it says yes, or waits for a finger in vain."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        self._id = self._session.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )["authenticatorId"]

    def remove(self) -> None:
        self._session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self._id})

    def passkeys(self) -> list[dict]:
        return self._session.send("WebAuthn.getCredentials", {"authenticatorId": self._id})[
            "credentials"
        ]


@pytest.fixture
def authenticator(page: Page) -> SecurityChip:
    return SecurityChip(page)


@pytest.fixture
def nothing_in_the_field(page: Page) -> None:
    """A browser that offers no passkey by itself, so that a button is needed."""
    page.add_init_script(
        "if (window.PublicKeyCredential)"
        " PublicKeyCredential.isConditionalMediationAvailable = async () => false"
    )


def make_verified() -> Member:
    member = make_member(password=PASSWORD)
    EmailAddress.objects.create(user=member, email=member.email, primary=True, verified=True)
    return member


def give_password(page: Page, member: Member) -> None:
    page.get_by_label("E-mail").fill(member.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


def sign_in(page: Page, live_server) -> Member:
    """A member with the password just confirmed, so that no page asks for it again."""
    member = make_verified()
    page.goto(live_server.url + reverse("account_login"))
    give_password(page, member)
    expect(page.get_by_text(f"Welcome, {member.display_name}.")).to_be_visible()
    page.goto(live_server.url + reverse("account_reauthenticate"))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url(live_server.url + "/")
    return member


def add_passkey(page: Page, live_server, *, alone: bool = True) -> None:
    page.goto(live_server.url + reverse("mfa_add_webauthn"))
    page.get_by_label("Name").fill("my telephone")
    page.get_by_label("It signs me in alone").set_checked(alone)
    page.get_by_label("Name").press("Enter")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()


def code_in(mail) -> str:
    return re.search(r"^[A-Z]{4}-[A-Z]{4}$", mail.body, re.MULTILINE)[0]


# --- Joining ------------------------------------------------------------------------------------


def test_somebody_joins_with_a_passkey_and_no_password(
    page: Page, live_server, authenticator, nothing_in_the_field, mailoutbox
):
    page.goto(live_server.url + reverse("account_signup") + "?next=/classes/")
    page.get_by_role("link", name="Join with a passkey").click()
    page.get_by_label("E-mail").fill("marta@example.com")
    page.get_by_label("Display name").fill("Marta Duarte")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill(code_in(mailoutbox[0]))
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill("my telephone")
    page.get_by_role("button", name="Make my passkey").click()

    expect(page.get_by_text("Welcome, Marta Duarte.")).to_be_visible()
    expect(page.get_by_role("link", name="Make recovery codes")).to_be_visible()
    assert page.url == live_server.url + "/classes/"
    member = Member.objects.get(email="marta@example.com")
    assert not member.has_usable_password()
    assert len(authenticator.passkeys()) == 1

    page.context.clear_cookies()
    page.goto(live_server.url + reverse("account_login"))
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("Welcome, Marta Duarte.")).to_be_visible()


def test_who_cannot_make_the_passkey_after_all_chooses_a_password(
    page: Page, live_server, mailoutbox
):
    page.goto(live_server.url + reverse("account_signup_by_passkey"))
    page.get_by_label("E-mail").fill("marta@example.com")
    page.get_by_label("Display name").fill("Marta Duarte")
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill(code_in(mailoutbox[0]))
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Choose a password instead").click()

    expect(page.get_by_role("heading", name="A new password")).to_be_visible()


# --- Signing in ---------------------------------------------------------------------------------


def test_a_passkey_is_made_and_opens_the_account(
    page: Page, live_server, authenticator, nothing_in_the_field
):
    sign_in(page, live_server)
    add_passkey(page, live_server)
    page.goto(live_server.url + reverse("mfa_list_webauthn"))
    expect(page.get_by_role("heading", name="my telephone")).to_be_visible()

    page.context.clear_cookies()
    page.goto(live_server.url + reverse("account_login") + "?next=" + reverse("accounts:profile"))
    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("heading", name="Your profile")).to_be_visible()


def test_the_browser_offers_the_passkey_by_itself(page: Page, live_server, authenticator):
    member = sign_in(page, live_server)
    add_passkey(page, live_server)

    page.context.clear_cookies()
    # The virtual authenticator takes the offer in the field at once.
    page.goto(live_server.url + reverse("account_login") + "?next=" + reverse("accounts:profile"))

    expect(page.get_by_role("heading", name="Your profile")).to_be_visible()
    expect(page.get_by_text(f"Welcome, {member.display_name}.")).to_be_visible()


def test_a_passkey_is_the_second_step_after_the_password(
    page: Page, live_server, authenticator, nothing_in_the_field
):
    member = sign_in(page, live_server)
    add_passkey(page, live_server, alone=False)

    page.context.clear_cookies()
    page.goto(live_server.url + reverse("account_login"))
    give_password(page, member)
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_text(f"Welcome, {member.display_name}.")).to_be_visible()


def test_a_passkey_says_that_it_is_still_oneself(
    page: Page, live_server, authenticator, nothing_in_the_field
):
    sign_in(page, live_server)
    add_passkey(page, live_server)
    page.context.clear_cookies()
    page.goto(live_server.url + reverse("account_login"))
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("Welcome")).to_be_visible()

    page.goto(live_server.url + reverse("mfa_generate_recovery_codes"))
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("heading", name="Make new recovery codes?")).to_be_visible()


def test_an_app_is_set_up_and_asked_for(page: Page, live_server):
    member = sign_in(page, live_server)
    page.goto(live_server.url + reverse("mfa_activate_totp"))
    secret = page.get_by_label("Or type this into the app").input_value()
    page.get_by_label("Code").fill(code_of_app(secret))
    page.get_by_role("button", name="Ask me for codes from now on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()

    page.context.clear_cookies()
    caches["default"].clear()  # each code is taken once
    page.goto(live_server.url + reverse("account_login"))
    give_password(page, member)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)  # there is none
    page.get_by_label("Code").fill(code_of_app(secret))
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_text(f"Welcome, {member.display_name}.")).to_be_visible()


def code_of_app(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def test_a_passkey_that_does_not_come_is_said_on_the_page(page: Page, live_server):
    page.goto(live_server.url + reverse("account_login"))
    # As when somebody closes the browser's own window.
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error()) }")

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("alert")).to_contain_text("No passkey was given")


def test_without_javascript_nothing_dead_is_shown_and_the_password_works(new_context, live_server):
    page = new_context(java_script_enabled=False, base_url=live_server.url).new_page()
    member = make_verified()
    for name, dead in (
        ("account_login", "Sign in with a passkey"),
        ("account_signup", "Join with a passkey"),
        ("account_signup_by_passkey", "Send me a code"),
    ):
        page.goto(reverse(name))
        expect(page.locator("main").get_by_text(dead)).to_be_hidden()
    expect(page.get_by_role("link", name="Join with a password instead")).to_be_visible()

    page.goto(reverse("account_login"))
    give_password(page, member)

    expect(page.get_by_text(f"Welcome, {member.display_name}.")).to_be_visible()


def test_the_way_in_needs_no_mouse(page: Page, live_server, nothing_in_the_field):
    page.goto(live_server.url + reverse("account_login"))
    page.get_by_role("button", name="Sign in with a passkey").focus()
    reached = []
    for _step in range(5):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.name || document.activeElement.textContent")
        )

    assert reached[:2] == ["login", "password"]
    assert "Sign in" in [text.strip() for text in reached]


# --- Passwords and errors -----------------------------------------------------------------------


def test_a_password_can_be_shown_and_leaves_as_a_password(page: Page, live_server):
    page.goto(live_server.url + reverse("account_signup"))
    password = page.locator("[name=password1]")
    password.fill("a quiet morning")

    page.get_by_label("Show the password").check()
    expect(password).to_have_attribute("type", "text")
    page.get_by_label("Show the password").uncheck()

    expect(password).to_have_attribute("type", "password")
    assert page.locator("[name=time_zone]").input_value()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_with_errors_break_no_rule(new_context, live_server, violations, scheme):
    page = new_context(color_scheme=scheme, base_url=live_server.url).new_page()
    found = {}
    page.goto("/accounts/signup/")
    page.evaluate("() => { document.querySelector('form.panel').noValidate = true }")
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_label("E-mail")).to_be_focused()
    found["signup"] = violations(page)
    page.get_by_label("E-mail").fill("marta@example.com")
    page.get_by_label("Display name").fill("Marta Duarte")
    page.get_by_label("Password", exact=True).fill("a quiet morning")
    page.get_by_role("button", name="Make my account").click()
    expect(page.get_by_role("heading", name="Look in your mail")).to_be_visible()
    found["code"] = violations(page)
    page.get_by_label("Code").fill("WRON-GONE")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_label("Code")).to_be_focused()
    found["wrong code"] = violations(page)

    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_a_second_step_break_no_rule(new_context, live_server, violations, scheme):
    page = new_context(
        color_scheme=scheme, base_url=live_server.url, viewport={"width": 320, "height": 800}
    ).new_page()
    chip = SecurityChip(page)
    found = {}

    def look(address: str) -> None:
        page.goto(address)
        found[address] = violations(page)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), address

    look(reverse("account_signup_by_passkey"))
    member = sign_in(page, live_server)
    look(reverse("mfa_activate_totp"))
    add_passkey(page, live_server)
    key = member.authenticator_set.get(type="webauthn").pk
    for name, *args in (
        ("mfa_index",),
        ("mfa_add_webauthn",),
        ("mfa_list_webauthn",),
        ("mfa_edit_webauthn", key),
        ("mfa_remove_webauthn", key),
        ("mfa_view_recovery_codes",),
        ("mfa_generate_recovery_codes",),
        ("mfa_reauthenticate",),
        ("mfa_reauthenticate_webauthn",),
        ("account_reauthenticate",),
        ("usersessions_list",),
        ("account_logout",),
    ):
        look(reverse(name, args=args))
    page.context.clear_cookies()
    chip.remove()  # or it would answer the offer in the field
    page.goto(reverse("account_login"))
    give_password(page, member)
    look(reverse("mfa_authenticate"))

    assert {name: what for name, what in found.items() if what} == {}


def test_page_of_closed_doors_breaks_no_rule(page: Page, live_server, settings, violations):
    settings.SIGN_UP_OPEN = False
    page.goto(live_server.url + reverse("account_signup"))
    expect(page.get_by_role("heading", name="Nobody new for now")).to_be_visible()

    assert violations(page) == []


def test_staff_are_led_to_a_second_factor_and_through_it(
    page: Page, live_server, authenticator, nothing_in_the_field, settings
):
    member = sign_in(page, live_server)
    settings.STAFF_MFA = True
    Member.objects.filter(pk=member.pk).update(is_staff=True, is_superuser=True)

    page.goto(live_server.url + "/admin/")
    expect(page.get_by_text("needs a second factor")).to_be_visible()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto(live_server.url + "/admin/")

    expect(page).to_have_url(live_server.url + "/admin/")
    expect(page.locator("#site-name")).to_be_visible()
