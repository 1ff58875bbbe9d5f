"""The registry of what waits for the staff."""

import pytest

from accounts import attention
from accounts.attention import Item
from tests.factories import make_member


@pytest.fixture(autouse=True)
def own_registry(monkeypatch):
    monkeypatch.setattr(attention, "_sources", [])


@pytest.mark.django_db
def test_every_registered_list_is_asked_about_the_member():
    member = make_member()
    asked = []

    @attention.register
    def source(who):
        asked.append(who)
        yield Item("films failed", 2, "/somewhere/")

    assert [item.title for item in attention.what_waits_for(member)] == ["films failed"]
    assert asked == [member]


@pytest.mark.django_db
def test_what_counts_nothing_is_left_out():
    attention.register(lambda member: [Item("films failed", 0, "/somewhere/")])

    assert attention.what_waits_for(make_member()) == []


@pytest.mark.django_db
def test_what_members_notice_comes_first():
    attention.register(lambda member: [Item("to check", 1, "/a/"), Item("late", 1, "/b/")])
    attention.register(lambda member: [Item("broken", 1, "/c/", tone="problem")])

    titles = [item.title for item in attention.what_waits_for(make_member())]

    assert titles == ["broken", "to check", "late"]


@pytest.mark.django_db
def test_registering_twice_lists_once():
    def source(member):
        return [Item("films failed", 1, "/somewhere/")]

    attention.register(source)
    attention.register(source)

    assert len(attention.what_waits_for(make_member())) == 1
