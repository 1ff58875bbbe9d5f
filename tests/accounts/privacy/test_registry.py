"""The two lists from which a person's data is told, handed over and removed."""

from collections import Counter
from collections.abc import Iterable

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import connection, models, transaction
from django.db.models.fields.files import FieldFile
from django.test.utils import CaptureQueriesContext, isolate_apps

from accounts.holdings import HOLDINGS as OF_ACCOUNTS
from accounts.models import Departure, Member
from accounts.privacy import registry
from accounts.privacy.exports import as_json
from classes.privacy import HOLDINGS as OF_CLASSES
from tests.factories import make_class, make_member

from .people import give_everything, log, make_somebody, sign_in

pytestmark = pytest.mark.django_db

HOLDINGS = (*OF_ACCOUNTS, *OF_CLASSES)
WORDS = Departure.Words.PLACEHOLDER


def relations_to_members(all_models: Iterable[type[models.Model]]) -> list[str]:
    """Every field by which a row leads to a member, as the lists name it.

    A many-to-many field without a model of its own is named by the table that Django made for it.
    """
    return [
        f"{model._meta.label}.{field.name}"
        for model in all_models
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many)
        if field.is_relation and field.related_model is Member
        if not (field.many_to_many and field.remote_field.through._meta.auto_created)
    ]


def listed() -> list[str]:
    return [
        relation
        for entry in (*registry.holdings(), *registry.traces())
        for relation in entry.relations
    ]


def records(holding: registry.Holding, member: Member) -> list[registry.Record]:
    return list(holding.read(member))


def erase_all(member: Member) -> None:
    """As an account is erased, for the holdings of `accounts` and `classes`."""
    for holding in HOLDINGS:
        holding.erase(member, WORDS)
    Member.objects.filter(pk=member.pk).delete()
    Member.history.filter(id=member.pk).delete()


def test_every_relation_to_a_member_stands_in_exactly_one_list():
    there = relations_to_members(apps.get_models(include_auto_created=True))

    assert Counter(listed()) == Counter(there)


@isolate_apps("classes")
def test_a_new_relation_that_stands_in_neither_list_is_found():
    class Diary(models.Model):  # noqa: DJ008
        writer = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
        readers = models.ManyToManyField(Member, related_name="+")

        class Meta:
            app_label = "classes"

    found = set(relations_to_members([Diary, Diary.readers.through]))

    assert found == {"classes.Diary.writer", "classes.Diary_readers.member"}
    assert not found & set(listed())


@pytest.mark.parametrize("holding", HOLDINGS, ids=lambda holding: holding.name)
def test_a_holding_reads_what_there_is_and_nothing_once_it_is_erased(holding):
    member = make_somebody()

    assert records(holding, member)
    assert all(as_json(record) for record in holding.read(member))

    holding.erase(member, WORDS)
    if holding.name == "profile":  # the row itself is left to whoever erases the account
        Member.objects.filter(pk=member.pk).delete()
    assert records(holding, member) == []
    holding.erase(member, WORDS)


@pytest.mark.parametrize("holding", HOLDINGS, ids=lambda holding: holding.name)
def test_a_holding_is_read_in_a_constant_number_of_queries(holding):
    def number_for(times: int) -> int:
        member = give_everything(make_member(), times=times)
        records(holding, member)  # content types are remembered
        with CaptureQueriesContext(
            connection,
        ) as queries:
            records(holding, member)
        return len(queries)

    assert number_for(8) == number_for(1)


def test_nothing_of_another_member_is_read_or_erased():
    other, member = make_somebody(), make_somebody()
    before = {holding.name: [*map(as_json, holding.read(other))] for holding in HOLDINGS}

    told = "".join(as_json(record) for holding in HOLDINGS for record in holding.read(member))
    erase_all(member)

    assert other.email not in told
    assert other.display_name not in told
    assert before == {holding.name: [*map(as_json, holding.read(other))] for holding in HOLDINGS}
    assert Member.objects.get() == other


def test_what_a_curator_did_to_others_is_told_without_whom():
    curator, other = make_member(is_staff=True), make_member()
    log(curator, other, "a secret of theirs")

    told = "".join(as_json(record) for holding in HOLDINGS for record in holding.read(curator))

    assert '"by_you": true' in told
    assert other.display_name not in told
    assert "a secret of theirs" not in told


def test_secrets_that_open_the_door_are_not_told():
    member = make_somebody()

    told = "".join(as_json(record) for holding in HOLDINGS for record in holding.read(member))

    assert "recovery_codes" in told
    assert "seed" not in told
    assert "_auth_user" not in told
    assert "key_hash" not in told
    assert member.password not in told


def test_a_session_that_is_on_no_list_is_found_and_ended():
    member, other = make_member(), make_member()
    sign_in(member, {"comments.unsent": "words that wait"}, is_listed=False)
    stays = sign_in(other, is_listed=False)
    sessions = next(holding for holding in HOLDINGS if holding.name == "sessions")

    assert [record["words_that_wait"] for record in sessions.read(member)] == [
        {"comments.unsent": "words that wait"}
    ]

    sessions.erase(member, WORDS)
    assert Session.objects.get().session_key == stays


def test_the_picture_goes_once_the_erasing_is_committed(django_capture_on_commit_callbacks):
    member = make_somebody()
    picture: FieldFile = member.avatar
    assert [*registry.holdings()[-1].files(member)] == [picture]

    with django_capture_on_commit_callbacks(execute=True):
        erase_all(member)
        assert picture.storage.exists(picture.name)

    assert not picture.storage.exists(picture.name)


def test_the_log_keeps_no_name_of_a_member_who_went():
    curator, member = make_member(), make_somebody()
    log(curator, member, f"to {member.email}")
    log(curator, curator, f"from {member.email}")
    stays = log(curator, curator, "nothing of theirs")

    erase_all(member)

    assert LogEntry.objects.get() == stays


def test_an_address_within_a_longer_one_is_somebody_elses():
    member = make_member(email="an@example.com")
    curator = make_member()
    stays = [
        log(curator, curator, f"to {address}")
        for address in ("dan@example.com", "j.an@example.com", "an@example.com.au")
    ]
    for message in ("“an@example.com”", "to AN@example.com.", "an@example.com, dan@example.com"):
        log(curator, curator, message)
    holding = next(holding for holding in HOLDINGS if holding.name == "log")

    told = records(holding, member)
    holding.erase(member, WORDS)

    assert len(told) == 3
    assert "dan@" not in "".join(map(as_json, told))
    assert set(LogEntry.objects.all()) == set(stays)


def test_a_check_of_a_member_who_went_names_nobody_also_not_in_the_history():
    member = make_member()
    workout_class = make_class(checked_by=member)
    workout_class.save()  # a line of its history, with who checked it
    history = type(workout_class).history
    assert history.filter(checked_by_id=member.pk).exists()

    with transaction.atomic():
        for trace in registry.traces():
            trace.release(member)

    assert not history.filter(checked_by_id=member.pk).exists()
