"""What only a browser shows of the door: passkeys, passwords in sight, pages with errors."""

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.factories import make_member


@pytest.fixture
def authenticator(page: Page) -> None:
    """A security chip that always says yes."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
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
    )


def sign_in(page: Page, live_server) -> None:
    """A member with the password just confirmed, so that no page asks for it again."""
    member = make_member(password="a quiet morning")
    EmailAddress.objects.create(user=member, email=member.email, primary=True, verified=True)
    page.goto(live_server.url + reverse("account_login"))
    page.get_by_label("E-mail").fill(member.email)
    page.get_by_label("Password", exact=True).fill("a quiet morning")
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text(f"Welcome, {member.display_name}.")).to_be_visible()
    page.goto(live_server.url + reverse("account_reauthenticate"))
    page.get_by_label("Password", exact=True).fill("a quiet morning")
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url(live_server.url + "/")


def test_a_passkey_is_made_and_opens_the_account(page: Page, live_server, authenticator):
    sign_in(page, live_server)
    page.goto(live_server.url + reverse("mfa_add_webauthn"))
    page.get_by_label("Name").fill("my telephone")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto(live_server.url + reverse("mfa_list_webauthn"))
    expect(page.get_by_role("heading", name="my telephone")).to_be_visible()

    page.context.clear_cookies()
    page.goto(live_server.url + reverse("account_login") + "?next=" + reverse("accounts:profile"))
    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("heading", name="Your profile")).to_be_visible()


def test_a_passkey_that_does_not_come_is_said_on_the_page(page: Page, live_server):
    page.goto(live_server.url + reverse("account_login"))
    # As when somebody closes the browser's own window.
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error()) }")

    page.get_by_role("button", name="Sign in with a passkey").click()

    expect(page.get_by_role("alert")).to_contain_text("No passkey was given")


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
    sign_in(page, live_server)
    found = {}
    for name in ("mfa_activate_totp", "mfa_add_webauthn", "mfa_list_webauthn", "account_logout"):
        page.goto(reverse(name))
        found[name] = violations(page)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), name

    assert {name: what for name, what in found.items() if what} == {}
