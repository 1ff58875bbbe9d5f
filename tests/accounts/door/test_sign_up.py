"""From a class page through the door and back to it."""

import re

import pytest
import time_machine
from allauth.account.internal.flows import manage_email
from allauth.account.models import EmailAddress
from django.contrib.auth import hashers
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import caches
from django.urls import reverse
from django.utils.formats import date_format

from accounts.models import Member, Membership
from tests.factories import make_class, make_comment, make_instructor, make_member

pytestmark = pytest.mark.django_db

WORDS = {
    "email": "marta@example.com",
    "display_name": "Marta Duarte",
    "password1": "a hundred quiet breaths",
}


def code_in(mail) -> str:
    return re.search(r"^[A-Z]{4}-[A-Z]{4}$", mail.body, re.MULTILINE)[0]


def test_sign_up_leads_from_the_class_page_back_to_it_with_a_trial(client, mailoutbox):
    workout_class = make_class()
    page = workout_class.get_absolute_url()
    gate = client.get(page).content.decode()
    sign_up = re.search(rf'href="({reverse("account_signup")}\?next=[^"]+)"', gate)[1]

    form = client.get(sign_up).content.decode()
    hidden = re.search(r'<input type="hidden" name="next" value="([^"]*)"', form)[1]
    answer = client.post(reverse("account_signup"), {**WORDS, "next": hidden}, follow=True)
    assert "Look in your mail" in answer.content.decode()

    answer = client.post(
        reverse("account_email_verification_sent"), {"code": code_in(mailoutbox[0])}, follow=True
    )

    assert answer.redirect_chain[-1][0] == page
    member = Member.objects.get(email="marta@example.com")
    assert answer.wsgi_request.user == member
    assert member.display_name == "Marta Duarte"
    trial = member.memberships.running().get()
    assert trial.source == Membership.Source.TRIAL
    (welcome,) = answer.context["messages"]
    assert str(welcome) == (
        "Welcome, Marta Duarte. Every class is open to you until "
        f"{date_format(trial.ends_at, 'DATE_FORMAT')}."
    )


def test_the_first_welcome_names_the_last_day_that_every_page_names(client, mailoutbox):
    """A trial that ends as a day begins, on the clock of whoever reads."""
    with time_machine.travel("2026-05-03T15:00:00Z", tick=False):  # midnight in Tokyo
        sign_up(client, time_zone="Asia/Tokyo")
        answer = client.post(
            reverse("account_email_verification_sent"),
            {"code": code_in(mailoutbox[0])},
            follow=True,
        )
        profile = client.get(reverse("accounts:profile")).content.decode()

    welcome = str(next(iter(answer.context["messages"])))
    assert "open to you until May 17, 2026." in welcome
    assert "until May 17, 2026." in profile


def sign_up(client, **words):
    return client.post(reverse("account_signup"), {**WORDS, **words})


def confirm(client, code: str):
    return client.post(reverse("account_email_verification_sent"), {"code": code})


def test_an_account_waits_for_its_code(client, mailoutbox):
    response = sign_up(client)

    assert response["Location"] == reverse("account_email_verification_sent")
    assert "_auth_user_id" not in client.session
    assert not Membership.objects.exists()
    assert mailoutbox[0].to == ["marta@example.com"]
    assert mailoutbox[0].subject == "Your code for Matwork"


def test_a_new_member_begins_with_the_language_and_the_clock_of_their_browser(client):
    client.cookies["language"] = "es"

    sign_up(client, time_zone="Europe/Lisbon")

    member = Member.objects.get()
    assert (member.language, member.time_zone) == ("es", "Europe/Lisbon")


def test_a_clock_that_is_none_is_left_out(client):
    sign_up(client, time_zone="<script>")

    assert Member.objects.get().time_zone == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("email", ""),
        ("display_name", " "),
        ("display_name", "x"),
        ("display_name", "MATWORK"),
        ("display_name", "a\x00b"),
        ("password1", "short"),
        ("password1", "1234567890"),
        ("password1", "marta@example.com"),
    ],
)
def test_what_is_refused_is_said_at_its_field_and_the_rest_stays(client, field, value):
    response = sign_up(client, **{field: value})

    page = response.content.decode()
    assert set(response.context["form"].errors) == {field}
    assert f'id="id_{field}_error"' in page
    for other in {"email", "display_name"} - {field}:
        assert f'value="{WORDS[other]}"' in page
    assert WORDS["password1"] not in page
    assert not Member.objects.exists()


def test_an_instructors_name_is_not_taken(client):
    make_instructor(name="Marta Duarte")

    response = sign_up(client, display_name="marta  duarte")

    assert "somebody who teaches here" in response.content.decode()
    assert not Member.objects.exists()


def test_three_wrong_codes_end_it(client, mailoutbox):
    sign_up(client)

    for _guess in range(2):
        assert "That code is not right" in confirm(client, "WRON-GONE").content.decode()
    response = confirm(client, "WRON-GONE")

    assert response["Location"] == reverse("account_login")
    confirm(client, code_in(mailoutbox[0]))
    assert "_auth_user_id" not in client.session


def test_an_address_with_an_account_gets_another_mail_and_the_same_page(client, mailoutbox):
    def answer(email: str) -> str:
        response = client.post(reverse("account_signup"), {**WORDS, "email": email}, follow=True)
        client.post(reverse("account_logout"))
        return re.sub(r'value="[^"]*"', "", response.content.decode()).replace(email, "")

    make_member(email="known@example.com")

    assert answer("known@example.com") == answer("new@example.com")
    assert Member.objects.count() == 2
    assert "account with that address already" in " ".join(mailoutbox[0].body.split())


def test_an_address_with_an_account_costs_as_many_hashes(client, monkeypatch):
    hashed = []

    class Counting(MD5PasswordHasher):
        def encode(self, password, salt):
            hashed.append(password)
            return super().encode(password, salt)

    monkeypatch.setattr(hashers, "get_hasher", lambda *_args: Counting())
    costs = []
    make_member(email="known@example.com")
    for email in ("known@example.com", "new@example.com"):
        hashed.clear()
        sign_up(client, email=email)
        client.post(reverse("account_logout"))
        costs.append(len(hashed))

    assert costs == [1, 1]


def test_signing_up_anew_with_the_same_mailbox_starts_no_second_trial(client, mailoutbox):
    sign_up(client)
    confirm(client, code_in(mailoutbox[0]))
    client.post(reverse("account_logout"))
    Member.objects.get().delete()

    sign_up(client, email="marta+2@example.com")
    confirm(client, code_in(mailoutbox[1]))

    assert "_auth_user_id" in client.session
    assert not Membership.objects.exists()


def test_a_new_code_can_be_asked_for(client, mailoutbox):
    sign_up(client)
    caches["default"].clear()  # the limit between two mails to one address

    client.post(reverse("account_email_verification_sent"), {"action": "resend"})
    confirm(client, code_in(mailoutbox[1]))

    assert "_auth_user_id" in client.session


def test_a_form_that_came_twice_at_once_breaks_nothing(client, monkeypatch):
    """The second one looked for the address before the first one had stored it."""
    make_member(email="marta@example.com")
    monkeypatch.setattr(manage_email, "email_already_exists", lambda email: (email, False))

    response = sign_up(client)

    assert response["Location"] == reverse("account_email_verification_sent")
    assert Member.objects.count() == 1


def test_who_left_before_the_code_gets_another_by_signing_in(client, mailoutbox):
    sign_up(client)
    client.cookies.clear()
    caches["default"].clear()  # the limit between two mails to one address

    client.post(
        reverse("account_login"),
        {"login": WORDS["email"], "password": WORDS["password1"], "next": "/classes/"},
    )
    response = confirm(client, code_in(mailoutbox[1]))

    assert response["Location"] == "/classes/"
    assert Membership.objects.running().count() == 1


# --- Afterwards ---------------------------------------------------------------------------------


def test_whoever_has_a_browser_for_it_is_offered_a_passkey_once(client, mailoutbox):
    sign_up(client, time_zone="Europe/Lisbon")
    confirm(client, code_in(mailoutbox[0]))

    assert f'<a href="{reverse("mfa_add_webauthn")}">' in client.get("/").content.decode()
    assert reverse("mfa_add_webauthn") not in client.get("/").content.decode()


def test_without_javascript_no_passkey_is_offered(client, mailoutbox):
    sign_up(client)
    confirm(client, code_in(mailoutbox[0]))

    assert reverse("mfa_add_webauthn") not in client.get("/").content.decode()


# --- By passkey ---------------------------------------------------------------------------------


def test_sign_up_by_passkey_asks_for_the_mail_first_and_has_no_password(client, mailoutbox):
    fields = {"email": WORDS["email"], "display_name": "Marta Duarte", "next": "/classes/"}
    client.post(reverse("account_signup_by_passkey"), fields)
    response = confirm(client, code_in(mailoutbox[0]))

    assert response["Location"] == reverse("mfa_signup_webauthn")
    assert "_auth_user_id" not in client.session
    assert not Member.objects.get().has_usable_password()
    page = client.get(reverse("mfa_signup_webauthn")).content.decode()
    assert "Choose a password instead" in page


def test_who_stopped_before_the_passkey_comes_in_by_a_new_password(client, mailoutbox):
    fields = {"email": WORDS["email"], "display_name": "Marta Duarte"}
    client.post(reverse("account_signup_by_passkey"), fields)
    confirm(client, code_in(mailoutbox[0]))
    client.post(reverse("account_logout"))

    client.post(reverse("account_reset_password"), {"email": WORDS["email"]})
    client.post(reverse("account_confirm_password_reset_code"), {"code": code_in(mailoutbox[1])})
    client.post(reverse("account_complete_password_reset"), {"password1": WORDS["password1"]})
    client.post(reverse("account_login"), {"login": WORDS["email"], "password": WORDS["password1"]})

    assert "_auth_user_id" in client.session


# --- Closed -------------------------------------------------------------------------------------

DOORS = ["account_signup", "account_signup_by_passkey"]


@pytest.mark.parametrize("door", DOORS)
def test_where_nobody_new_is_taken_the_page_says_so_and_leads_to_sign_in(client, settings, door):
    settings.SIGN_UP_OPEN = False

    response = client.get(reverse(door), {"next": "/classes/"})

    page = response.content.decode()
    assert response.status_code == 200
    assert "takes no new members at the moment" in page
    assert f'href="{reverse("account_login")}?next=%2Fclasses%2F"' in page or (
        f'href="{reverse("account_login")}?next=/classes/"' in page
    )
    assert "<form" not in page[page.index("<h1") :]


@pytest.mark.parametrize("door", DOORS)
def test_where_nobody_new_is_taken_a_form_is_refused(client, settings, mailoutbox, door):
    settings.SIGN_UP_OPEN = False

    response = client.post(reverse(door), WORDS)

    assert response.status_code == 403
    assert "takes no new members at the moment" in response.content.decode()
    assert not Member.objects.exists()
    assert not mailoutbox


def test_where_nobody_new_is_taken_members_come_in_as_ever(client, settings):
    settings.SIGN_UP_OPEN = False
    member = make_member()
    EmailAddress.objects.create(user=member, email=member.email, primary=True, verified=True)
    page = client.get(reverse("account_login")).content.decode()

    client.post(reverse("account_login"), {"login": member.email, "password": "a quiet morning"})

    assert "Make an account" not in page
    assert "_auth_user_id" in client.session


def test_where_nobody_new_is_taken_no_mail_invites(client, settings, mailoutbox):
    settings.SIGN_UP_OPEN = False

    client.post(reverse("account_reset_password"), {"email": "nobody@example.com"})

    assert reverse("account_signup") not in mailoutbox[0].body


def test_where_nobody_new_is_taken_no_page_invites(client, settings):
    """Under a film, under a class's comments, and beside words that were not sent."""
    settings.SIGN_UP_OPEN = False
    workout_class = make_class()
    comment = make_comment(workout_class)
    page = reverse("classes:detail", args=[workout_class.slug])

    answers = [
        client.get(page),
        client.get(page, {"reply": comment.pk}),
        client.post(reverse("comments:post", args=[workout_class.slug]), {"body": "Hello."}),
    ]

    for answer in answers:
        text = answer.content.decode()
        assert f'href="{reverse("account_login")}?next=' in text
        assert reverse("account_signup") not in text
