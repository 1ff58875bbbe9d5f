"""From a class page through the door and back to it."""

import re

import pytest
from django.urls import reverse

from accounts.models import Member, Membership
from tests.factories import make_class

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
    assert answer.context["user"] == member
    assert member.display_name == "Marta Duarte"
    assert member.memberships.running().get().source == Membership.Source.TRIAL
