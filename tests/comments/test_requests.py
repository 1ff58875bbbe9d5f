"""What members ask for: kept, wanted by others, tied to a class, and told of once."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.attention import what_waits_for
from accounts.sweeps import sweeps
from classes.models import State
from classes.search.upkeep import catch_up
from comments import requests
from comments.mail import notices
from comments.models import ClassRequest, Comment, Notice, Vote
from tests.browser.studio import verified
from tests.factories import make_class, make_comment, make_instructor, make_member

pytestmark = pytest.mark.django_db

URL = "/requests/"


@pytest.fixture
def teacher():
    teacher = make_member(display_name="Ana")
    make_instructor(member=teacher)
    return teacher


def make_request(title: str = "Standing, no Wall", **attrs) -> ClassRequest:
    comment = attrs.pop("comment", None) or make_comment(
        make_class(), author=attrs.pop("asker", None) or make_member(display_name="Ines")
    )
    return ClassRequest.objects.create(comment=comment, title=title, **attrs)


def curator():
    member = make_member(is_staff=True)
    member.user_permissions.add(Permission.objects.get(codename="change_classrequest"))
    return member


# --- What can be done ---------------------------------------------------------------------------


def test_a_request_is_kept_once(teacher):
    comment = make_comment(make_class(), body="Something standing,\nplease")

    first = requests.keep(comment, teacher, "  Standing \n class ")
    second = requests.keep(comment, make_member(), "Another title")

    assert first == second
    assert ClassRequest.objects.get().title == "Standing class"
    assert ClassRequest.objects.get().kept_by == teacher


def test_without_a_title_it_has_the_words_of_the_comment(teacher):
    comment = make_comment(make_class(), body="Something standing,\nplease. " + "x" * 200)

    title = requests.keep(comment, teacher).title

    assert title.startswith("Something standing, please. xxx")
    assert len(title) == 120


def test_me_too_counts_once_and_can_be_taken_back():
    wanted, member = make_request(), make_member()

    assert requests.vote(member, wanted)
    assert requests.vote(member, wanted)
    assert requests.public().get().wanted_by == 2
    requests.unvote(member, wanted)
    requests.unvote(member, wanted)

    assert requests.public().get().wanted_by == 1


def test_who_asked_does_not_count_twice():
    asker = make_member()
    wanted = make_request(asker=asker)

    assert not requests.vote(asker, wanted)
    assert not Vote.objects.exists()


def test_nobody_joins_once_it_was_told():
    assert not requests.vote(make_member(), make_request(told_at=timezone.now()))


def test_any_class_may_be_tied_and_untied(teacher):
    wanted, draft = make_request(), make_class(state=State.DRAFT)

    requests.tie(wanted, draft, teacher)
    wanted.refresh_from_db()
    assert (wanted.fulfilled_by, wanted.tied_by) == (draft, teacher)
    requests.untie(wanted)
    wanted.refresh_from_db()

    assert (wanted.fulfilled_by, wanted.tied_by, wanted.tied_at) == (None, None, None)


def test_nothing_changes_once_members_were_told(teacher):
    told_of = make_class()
    wanted = make_request(told_at=timezone.now(), fulfilled_by=told_of)

    with pytest.raises(requests.AlreadyTold):
        requests.tie(wanted, make_class(), teacher)
    with pytest.raises(requests.AlreadyTold):
        requests.untie(wanted)
    requests.tie(wanted, told_of, teacher)  # which is no change


def test_who_teaches_and_curators_decide(teacher):
    assert requests.may_decide(teacher)
    assert requests.may_decide(curator())
    assert not requests.may_decide(make_member(is_staff=True))
    assert not requests.may_decide(make_member())


# --- Telling ------------------------------------------------------------------------------------


def test_asker_and_voters_are_told_once_when_the_class_is_public(teacher):
    asker, voter = verified(make_member()), verified(make_member())
    wanted = make_request(asker=asker)
    requests.vote(voter, wanted)
    workout_class = make_class(published_at=timezone.now() + timedelta(days=1))
    requests.tie(wanted, workout_class, teacher)
    requests.tell_fulfilled()
    assert not Notice.objects.exists()

    workout_class.published_at = timezone.now() - timedelta(minutes=1)
    workout_class.save()
    for _twice in range(2):
        requests.tell_fulfilled()

    notices = Notice.objects.filter(kind=Notice.Kind.REQUEST)
    assert {notice.recipient for notice in notices} == {asker, voter}
    assert notices.count() == 2
    wanted.refresh_from_db()
    assert wanted.told_at


def test_a_request_whose_comment_is_away_waits():
    wanted = make_request(fulfilled_by=make_class())
    Comment.objects.update(state=Comment.State.REMOVED)
    requests.tell_fulfilled()
    wanted.refresh_from_db()
    assert not wanted.told_at

    Comment.objects.update(state=Comment.State.PUBLISHED)
    requests.tell_fulfilled()

    wanted.refresh_from_db()
    assert wanted.told_at


def test_one_that_fails_keeps_the_others_from_nothing(monkeypatch):
    broken = make_request(fulfilled_by=make_class(), tied_at=timezone.now() - timedelta(days=1))
    whole = make_request(fulfilled_by=make_class(), tied_at=timezone.now())

    def fails(class_request: ClassRequest) -> None:
        if class_request == broken:
            raise RuntimeError

    monkeypatch.setattr(notices, "tell_request", fails)
    requests.tell_fulfilled()

    broken.refresh_from_db()
    whole.refresh_from_db()
    assert broken.told_at is None  # and so it is tried again
    assert whole.told_at


def test_a_second_worker_that_saw_it_due_tells_nobody(monkeypatch):
    wanted = make_request(fulfilled_by=make_class())
    told = []
    monkeypatch.setattr(notices, "tell_request", told.append)

    for _worker in range(2):
        requests._tell(wanted.pk)

    assert told == [wanted]


def test_the_worker_sweeps_it_up():
    assert requests.tell_fulfilled in sweeps()


# --- How it looks -------------------------------------------------------------------------------


def test_a_thread_shows_what_was_asked_and_the_card_of_the_class():
    waiting = make_request("Standing <b>")
    here = make_request("For feet", fulfilled_by=make_class(title="Happy feet"))
    hidden = make_request("For hands", fulfilled_by=make_class(title="Hands", state=State.DRAFT))
    Vote.objects.create(request=waiting, member=make_member())
    plain = make_comment(make_class())

    html = requests.html_for([waiting.comment_id, here.comment_id, hidden.comment_id, plain.pk])

    assert set(html) == {waiting.comment_id, here.comment_id, hidden.comment_id}
    assert "Standing &lt;b&gt;" in html[waiting.comment_id]
    assert "2 members want this" in html[waiting.comment_id]
    assert "Happy feet" in html[here.comment_id]
    assert "Hands" not in html[hidden.comment_id]
    assert html[here.comment_id] == requests.card_html(here)


@pytest.mark.parametrize("count", [1, 8])
def test_requests_of_a_page_cost_the_same_however_many(django_assert_num_queries, count):
    made = [make_request(fulfilled_by=make_class()) for _each in range(count)]
    requests.html_for([each.comment_id for each in made])  # the catalogue is read

    with django_assert_num_queries(3):  # requests, version, cards
        assert len(requests.html_for([each.comment_id for each in made])) == count


# --- The list -----------------------------------------------------------------------------------


def test_the_most_wanted_comes_first_and_what_is_here_below(client):
    make_request("Rarely wanted")
    often = make_request("Often wanted")
    Vote.objects.create(request=often, member=make_member())
    make_request("Fulfilled", fulfilled_by=make_class(title="Happy feet"))

    html = client.get(URL).content.decode()

    assert html.index("Often wanted") < html.index("Rarely wanted") < html.index("Fulfilled")
    assert html.index("Fulfilled") < html.index("Happy feet")
    assert "Me too" in html
    assert "csrf" not in html


@pytest.mark.parametrize("state", [Comment.State.HELD, Comment.State.REMOVED])
def test_what_is_not_published_is_not_listed(client, state):
    make_request("Hidden", comment=make_comment(make_class(), state=state))
    make_request("Of a draft", comment=make_comment(make_class(state=State.DRAFT)))

    html = client.get(URL).content.decode()

    assert "Hidden" not in html
    assert "Of a draft" not in html


def test_visitors_all_get_the_same_page(client):
    make_request()

    page = client.get(URL)

    assert "s-maxage" in page["Cache-Control"]
    assert not page.cookies


def test_a_member_says_me_too_and_takes_it_back(client):
    wanted, member = make_request(), make_member()
    client.force_login(member)

    said = client.post(f"{URL}{wanted.pk}/vote/")

    assert said.url == f"{URL}#request-{wanted.pk}"
    assert Vote.objects.get().member == member
    assert "You too" in client.get(URL).content.decode()
    client.post(f"{URL}{wanted.pk}/vote/", {"take_back": "1"})
    assert not Vote.objects.exists()


def test_looking_changes_nothing(client):
    wanted = make_request()
    client.force_login(make_member())

    assert client.get(f"{URL}{wanted.pk}/vote/").url == f"{URL}#request-{wanted.pk}"
    assert not Vote.objects.exists()


def test_who_is_signed_out_is_led_to_the_door_and_back(client):
    wanted = make_request()

    answer = client.post(f"{URL}{wanted.pk}/vote/")

    assert answer.url.startswith("/accounts/login/?next=/requests/")
    assert not Vote.objects.exists()


def test_what_is_not_listed_takes_no_votes(client):
    wanted = make_request(comment=make_comment(make_class(), state=Comment.State.HELD))
    client.force_login(make_member())

    assert client.post(f"{URL}{wanted.pk}/vote/").status_code == 404


def test_a_class_is_found_and_tied(client, teacher):
    wanted = make_request()
    mine = make_class(
        title="Standing tall", state=State.DRAFT, instructors=[teacher.instructor], slug="tall"
    )
    make_class(title="Standing elsewhere", state=State.DRAFT)
    make_class(title="Gentle")
    catch_up()
    client.force_login(teacher)

    html = client.get(f"{URL}{wanted.pk}/tie/", {"q": "standing"}).content.decode()
    assert "Standing tall" in html
    assert "Standing elsewhere" not in html
    assert "Gentle" not in html
    client.post(f"{URL}{wanted.pk}/tie/", {"class": mine.pk})

    wanted.refresh_from_db()
    assert wanted.fulfilled_by == mine
    assert "Standing tall" in client.get(URL).content.decode()
    client.logout()
    assert "Standing tall" not in client.get(URL).content.decode()


def test_it_is_untied_from_its_page(client, teacher):
    wanted = make_request(fulfilled_by=make_class())
    client.force_login(teacher)

    client.post(f"{URL}{wanted.pk}/untie/")

    wanted.refresh_from_db()
    assert wanted.fulfilled_by is None


@pytest.mark.parametrize("chosen", ["", "x", "0", "99999999999999999999", "-1"])
def test_a_class_that_is_not_there_is_not_tied(client, teacher, chosen):
    wanted = make_request()
    client.force_login(teacher)

    assert client.post(f"{URL}{wanted.pk}/tie/", {"class": chosen}).status_code == 404


def test_nobody_ties_a_draft_that_they_may_not_see(client, teacher):
    wanted, draft = make_request(), make_class(state=State.DRAFT)
    client.force_login(teacher)

    assert client.post(f"{URL}{wanted.pk}/tie/", {"class": draft.pk}).status_code == 404


@pytest.mark.parametrize("state", [Comment.State.HELD, Comment.State.REMOVED])
def test_words_that_are_away_are_not_read_by_who_teaches_elsewhere(client, teacher, state):
    wanted = make_request("Their knees")
    Comment.objects.filter(pk=wanted.comment_id).update(state=state)
    client.force_login(teacher)

    assert client.get(f"{URL}{wanted.pk}/tie/").status_code == 404
    assert client.post(f"{URL}{wanted.pk}/tie/", {"class": make_class().pk}).status_code == 404
    assert client.post(f"{URL}{wanted.pk}/untie/").status_code == 404


def test_what_is_held_under_ones_own_class_may_be_tied(client, teacher):
    own = make_class(instructors=[teacher.instructor])
    wanted = make_request(comment=make_comment(own, state=Comment.State.HELD))
    client.force_login(teacher)

    assert client.get(f"{URL}{wanted.pk}/tie/").status_code == 200


def test_curators_tie_what_is_away_too(client):
    wanted = make_request()
    Comment.objects.filter(pk=wanted.comment_id).update(state=Comment.State.REMOVED)
    client.force_login(curator())

    assert client.get(f"{URL}{wanted.pk}/tie/").status_code == 200


def test_a_draft_of_others_that_is_tied_is_not_named(client, teacher):
    draft = make_class(title="Surprise", state=State.DRAFT)
    wanted = make_request(fulfilled_by=draft)
    client.force_login(teacher)

    for page in (URL, f"{URL}{wanted.pk}/tie/"):
        html = client.get(page).content.decode()
        assert "Surprise" not in html
        assert "A class that is not public yet is tied to it." in html


def test_a_draft_of_ones_own_that_is_tied_is_named(client, teacher):
    draft = make_class(title="Mine", state=State.DRAFT, instructors=[teacher.instructor])
    wanted = make_request(fulfilled_by=draft)
    client.force_login(teacher)

    for page in (URL, f"{URL}{wanted.pk}/tie/"):
        assert "“Mine”" in client.get(page).content.decode()


def test_who_signed_in_again_is_led_to_the_button_that_unties(client, teacher):
    wanted = make_request()
    client.force_login(teacher)

    assert client.get(f"{URL}{wanted.pk}/untie/").url == f"{URL}{wanted.pk}/tie/"


def test_members_tie_nothing(client):
    wanted = make_request()
    client.force_login(make_member())

    assert client.get(f"{URL}{wanted.pk}/tie/").status_code == 403
    assert client.post(f"{URL}{wanted.pk}/tie/", {"class": make_class().pk}).status_code == 403
    assert client.post(f"{URL}{wanted.pk}/untie/").status_code == 403
    assert "Tie a class" not in client.get(URL).content.decode()


@pytest.mark.parametrize("count", [1, 8])
def test_the_list_costs_the_same_however_long_it_is(client, django_assert_num_queries, count):
    for _each in range(count):
        make_request(fulfilled_by=make_class())
        wanted = make_request()
        Vote.objects.create(request=wanted, member=make_member())
    client.get(URL)  # the catalogue is read

    with django_assert_num_queries(5):  # number, waiting, fulfilled, version, cards
        client.get(URL)

    client.force_login(make_member())
    with django_assert_num_queries(8):  # session, member, their votes
        client.get(URL)


def test_pages_of_requests_turn(client):
    for number in range(41):
        make_request(f"Number {number:02}")

    second = client.get(URL, {"page": "2"}).content.decode()

    assert "Number 40" in second
    assert "Number 39" not in second
    assert "Number 00" in client.get(URL, {"page": "99999999999999999999"}).content.decode()


@pytest.mark.parametrize("asked", ["x", "0", "-1", "2", "9" * 30])
def test_a_page_that_is_not_there_is_said_so(client, asked):
    make_request("Standing")

    content = client.get(URL, {"page": asked}).content.decode()

    assert "There is no such page, so here is the first." in content
    assert "Standing" in content


def test_crawlers_may_be_kept_out(client, settings):
    settings.COMMENTS_NOINDEX = True
    assert "noindex" in client.get(URL).content.decode()


# --- In the admin -------------------------------------------------------------------------------

ADMIN = "/admin/comments/classrequest/"


@pytest.fixture
def desk(client):
    """With the rights that migrations gave the group."""
    member = make_member(is_staff=True)
    member.groups.add(Group.objects.get(name="Curators"))
    client.force_login(member)
    client.curator = member
    return client


def test_a_curator_names_a_request_and_ties_a_class(desk):
    wanted, workout_class = make_request("Stading"), make_class()

    saved = desk.post(
        f"{ADMIN}{wanted.pk}/change/", {"title": "Standing", "fulfilled_by": workout_class.pk}
    )

    assert saved.status_code == 302
    wanted.refresh_from_db()
    assert (wanted.title, wanted.fulfilled_by) == ("Standing", workout_class)
    assert wanted.tied_by == desk.curator
    assert wanted.tied_at


def test_a_curator_takes_a_class_away(desk):
    wanted = make_request(fulfilled_by=make_class(), tied_at=timezone.now())

    desk.post(f"{ADMIN}{wanted.pk}/change/", {"title": wanted.title, "fulfilled_by": ""})

    wanted.refresh_from_db()
    assert wanted.fulfilled_by is None
    assert wanted.tied_at is None


def test_once_told_the_class_stays_in_the_admin_too(desk):
    here = make_class()
    wanted = make_request(fulfilled_by=here, told_at=timezone.now())

    desk.post(f"{ADMIN}{wanted.pk}/change/", {"title": "New", "fulfilled_by": make_class().pk})

    wanted.refresh_from_db()
    assert (wanted.title, wanted.fulfilled_by) == ("New", here)


def test_nobody_makes_a_request_out_of_nothing(desk):
    assert desk.get(f"{ADMIN}add/").status_code == 403


@pytest.mark.parametrize(("state", "title"), [("open", "One"), ("tied", "Two"), ("told", "Three")])
def test_the_admin_tells_apart_what_became_of_them(desk, state, title):
    make_request("One")
    make_request("Two", fulfilled_by=make_class(state=State.DRAFT))
    make_request("Three", fulfilled_by=make_class(), told_at=timezone.now())

    html = desk.get(ADMIN, {"is": state}).content.decode()

    assert [name for name in ("One", "Two", "Three") if f">{name}<" in html] == [title]


def test_the_admins_list_costs_the_same_however_long_it_is(desk):
    def queries(number: int) -> int:
        for _each in range(number):
            make_request(fulfilled_by=make_class())
        with CaptureQueriesContext(connection) as caught:
            desk.get(ADMIN)
        return len(caught)

    queries(1)

    assert queries(1) == queries(8)


def test_the_start_page_counts_what_nobody_tied(desk):
    make_request("Standing")
    make_request(fulfilled_by=make_class())

    [item] = [item for item in what_waits_for(desk.curator) if "asked for" in item.title]

    assert item.count == 1
    assert [name for name, _address in item.examples] == ["Standing"]
