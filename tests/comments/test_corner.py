"""The corner of every page's header that is a member's own."""

import re

import pytest
from django.urls import resolve
from django.utils import translation

from classes import holes
from comments.desk import counting
from comments.desk.corner import corner
from tests.factories import make_instructor, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(monkeypatch) -> dict[int, int]:
    """How many threads wait, by the id of who teaches."""
    numbers: dict[int, int] = {}
    monkeypatch.setattr(counting, "count_for", lambda member: numbers.get(member.pk, 0))
    return numbers


def teacher(**attrs):
    return make_instructor(member=make_member(**attrs)).member


def shown(rf, member, path: str = "/classes/", mask: str = "") -> str:
    request = rf.get(path)
    request.user = member
    request.resolver_match = resolve(path)
    return corner(request, mask)


def words_of(html: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", html).split())


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "Desk 1 thread waits for you"),
        (99, "Desk 99 threads wait for you"),
        (100, "Desk 99+ threads wait for you"),
    ],
)
def test_it_counts_what_waits(rf, waiting, number, said):
    member = teacher()
    waiting[member.pk] = number

    assert words_of(shown(rf, member)).startswith(f"{said} ")


def test_the_desk_stands_in_the_menu_of_who_teaches_though_nothing_waits(rf, waiting):
    assert shown(rf, teacher()).count('href="/desk/"') == 1
    assert 'href="/desk/"' not in shown(rf, make_member())


def test_at_the_desk_it_says_so(rf, waiting):
    member = teacher()
    waiting[member.pk] = 2

    assert '<a href="/desk/" aria-current="page">' in shown(rf, member, "/desk/")
    assert "aria-current" not in shown(rf, member)


def test_only_staff_are_led_to_the_studio(rf, waiting):
    assert ">Studio</a>" in shown(rf, make_member(is_staff=True))
    assert ">Studio</a>" not in shown(rf, make_member())


def test_what_two_of_a_kind_share_is_neither_name_nor_token(rf, waiting):
    holes._rendered.clear()
    ana, bela = teacher(display_name="Ana"), teacher(display_name="Bela")
    waiting.update({ana.pk: 2, bela.pk: 2})

    anas, belas = shown(rf, ana, mask="anas-mask"), shown(rf, bela, mask="belas-mask")

    assert len(holes._rendered._kept) == 1
    as_belas = {"anas-mask": "belas-mask", ">Ana<": ">Bela<", ">A<": ">B<"}
    for hers, other in as_belas.items():
        assert hers in anas
        anas = anas.replace(hers, other)
    assert anas == belas
    kept = repr(holes._rendered._kept)
    assert not any(own in kept for own in ("Ana", "Bela", "anas-mask", "belas-mask"))


def test_a_name_is_no_markup(rf, waiting):
    html = shown(rf, make_member(display_name="<b>\"'&"))

    assert "<b>" not in html
    assert ">&lt;b&gt;&quot;&#x27;&amp;</span>" in html


def test_it_is_said_in_the_readers_language(rf, waiting):
    member = make_member()

    with translation.override("es"):
        assert "Biblioteca" in shown(rf, member)
    assert "Library" in shown(rf, member)
