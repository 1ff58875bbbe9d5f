"""A browser is told to forget the pages of who signs out, and nobody's else."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from tests.factories import make_class, make_member

pytestmark = pytest.mark.django_db

FORGETS = "Clear-Site-Data"


@pytest.mark.parametrize("name", ["account_logout", "admin:logout"])
def test_signing_out_has_the_browser_forget_pages(client, name):
    client.force_login(make_member(is_staff=True, is_superuser=True))

    answer = client.post(reverse(name))

    assert answer[FORGETS] == '"cache"'
    assert "_auth_user_id" not in client.session


def test_a_session_that_was_ended_elsewhere_is_forgotten_with_its_pages(client):
    client.force_login(make_member())
    Session.objects.all().delete()

    assert client.get("/my/")[FORGETS] == '"cache"'


def test_nobody_else_loses_what_the_browser_keeps(client):
    workout_class = make_class()
    addresses = ["/", "/classes/", workout_class.get_absolute_url(), "/accounts/login/"]

    assert [FORGETS in client.get(address) for address in addresses] == [False] * 4
    client.force_login(make_member())
    assert [FORGETS in client.get(address) for address in addresses] == [False] * 4
