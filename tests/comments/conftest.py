"""Who decides about what is said."""

import pytest
from django.contrib.auth.models import Group

from accounts.models import Member
from tests.factories import make_member


@pytest.fixture
def curator() -> Member:
    """With the rights that migrations gave the group."""
    member = make_member(is_staff=True)
    member.groups.add(Group.objects.get(name="Curators"))
    return member
