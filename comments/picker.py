"""Putting a class or a list into an answer, and the words that are typed meanwhile.

A form's button "Insert a class or a list" sends what was typed to the picker. It is kept in the
member's session under a name of its own, so that two tabs keep apart, a reload or "back" loses
nothing, and signing in again carries it over. The chosen address goes onto a line of its own at
the end, and the picker leads back to where the form's view reads it:

    form = CommentForm(workout_class, initial={…, **picker.words(request)})
"""

import time
from dataclasses import asdict, dataclass, replace
from typing import Self
from uuid import uuid4

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.models import Member
from classes.catalogue import Catalogue, Choices, Facet, keeping
from comments import addresses, text
from comments.models import Comment, SavedFilter

PARAMETER = "picked"  # names what is kept, in the address of the form's page

_KEY = "comments.picks"
_SECONDS = 2 * 60 * 60
_AT_ONCE = 4  # the latest; each may be 20 KB of the session
_FIELDS = 12
_CHARACTERS = {"body": 4 * Comment.MAX_LENGTH}
_CHARACTERS_OF_OTHERS = 300
_OURS = {"csrfmiddlewaretoken", "pick"}
_MOST_SAVED = 60

# Pages that draw a form again with what was picked. Nobody is led anywhere else.
_FORMS = {"comments:post", "comments:edit", "comments:desk", "comments:desk_answer"}


class NotSaved(Exception):
    """A list cannot be kept. The text is a sentence for the one who wanted it."""


@dataclass(frozen=True)
class Pick:
    """What was typed when somebody went to the picker, and where that form is."""

    key: str
    back: str  # path and query of the form's page
    fields: dict[str, str]
    until: float

    @property
    def body(self) -> str:
        return self.fields.get("body", "")

    @property
    def way_back(self) -> str:
        """The form's page, told which words to draw."""
        named = {PARAMETER: self.key}
        if page := self.fields.get("from"):  # the film's page that the writer came from
            named["from"] = page
        return f"{self.back}{'&' if '?' in self.back else '?'}{urlencode(named)}"

    def inserting(self, address: str) -> Self:
        """With the address on a line of its own at the end; where it stands there already, once."""
        words = text.normalised(self.body)
        if words.split("\n")[-1].strip() != address:
            words = f"{words}\n\n{address}".lstrip()
        return replace(self, fields={**self.fields, "body": f"{words}\n"})


def may_pick(member: Member | AnonymousUser) -> bool:
    """Whether somebody answers with classes and lists: who teaches, and staff.

    No query for who is signed in, for whom it was read already (`classes.signed_in`).
    """
    return member.is_authenticated and (member.is_staff or hasattr(member, "instructor"))


# --- Words that wait ----------------------------------------------------------------------------


def begin(request: HttpRequest) -> Pick | None:
    """Keep what the form was sent with. None if it names no page with such a form."""
    back = request.POST.get("pick", "")
    if not _is_form(back):
        return None
    names = [name for name in request.POST if name not in _OURS and len(name) <= 40]
    names.sort(key=lambda name: name not in _CHARACTERS)  # the words first: they are never too many
    fields = {
        name: request.POST[name][: _CHARACTERS.get(name, _CHARACTERS_OF_OTHERS)]
        for name in names[:_FIELDS]
    }
    pick = Pick(uuid4().hex, back, fields, time.time() + _SECONDS)
    keep(request, pick)
    return pick


def keep(request: HttpRequest, pick: Pick) -> None:
    picks = _kept(request)
    picks.pop(pick.key, None)
    picks[pick.key] = asdict(pick)
    request.session[_KEY] = dict(list(picks.items())[-_AT_ONCE:])


def find(request: HttpRequest, key: str) -> Pick | None:
    found = _kept(request).get(key)
    return Pick(**found) if found else None


def words(request: HttpRequest) -> dict[str, str]:
    """What a form at this address is drawn with: its own fields, as they were sent.

    Empty where nothing was picked for this very page. It stays kept, so that a reload shows the
    same. No query and no look at the session unless the address names a pick.
    """
    key = request.GET.get(PARAMETER, "")
    pick = find(request, key) if key else None
    if pick is None or pick.back.partition("?")[0] != request.path:
        return {}
    return dict(pick.fields)


def _kept(request: HttpRequest) -> dict[str, dict]:
    kept = request.session.get(_KEY, {})
    return {key: fields for key, fields in kept.items() if fields["until"] > time.time()}


def _is_form(path: str) -> bool:
    if len(path) > 300 or not path.startswith("/") or any(odd in path for odd in ("//", "\\", "#")):
        return False
    try:
        return resolve(path.partition("?")[0]).view_name in _FORMS
    except Resolver404:
        return False


# --- Lists --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listed:
    """A list that may be inserted: its address, and what it means now with how many classes.

    One that was saved and means nothing any more, for a tag is gone, has no meaning.
    """

    address: str
    meaning: str
    saved: SavedFilter | None = None


@dataclass(frozen=True)
class Lists:
    saved: list[Listed]  # the member's own, by name
    of_focus: list[Listed]  # one for each focus, in the studio's order


def lists_of(member: Member, catalogue: Catalogue) -> Lists:
    """One query, and at most three more where saved lists look for words."""
    saved = list(SavedFilter.objects.filter(member=member)[:_MOST_SAVED])
    tags = [option.value for option in catalogue.vocabulary.options[Facet.FOCUS]]
    of_focus = [Choices(focus=(tag,)).address for tag in tags]
    meanings = addresses.meanings([*(each.address for each in saved), *of_focus], catalogue)
    return Lists(
        [Listed(each.address, meanings.get(each.address, ""), each) for each in saved],
        [Listed(address, meanings.get(address, "")) for address in of_focus],
    )


def save(member: Member, address: str, name: str) -> SavedFilter:
    """Keep a state of the catalogue under a name; its own meaning stands for an empty one.

    Saving it again gives it the new name. Raises `NotSaved`.
    """
    catalogue = keeping.current()
    choices = addresses.choices_at(address.strip(), catalogue.vocabulary)
    if choices is None:
        raise NotSaved(
            _(
                "This is not the address of a list. Open the catalogue, choose what the list "
                "should have, and copy the address from there."
            )
        )
    address = choices.address
    if len(address) > addresses.LONGEST:
        raise NotSaved(_("This list has too many choices to be kept."))
    if text.is_blank(name):
        name = addresses.name_of(choices, catalogue.vocabulary)
    mine = SavedFilter.objects.filter(member=member)
    if mine.exclude(address=address).count() >= _MOST_SAVED:
        raise NotSaved(_("You keep as many lists as there is room for. Take one away first."))
    saved, _is_new = SavedFilter.objects.update_or_create(
        member=member, address=address, defaults={"name": _one_line(name)}
    )
    return saved


def rename(saved: SavedFilter, name: str) -> None:
    """Raises `NotSaved` for a name in which nothing can be seen."""
    if text.is_blank(name):
        raise NotSaved(_("A list needs a name."))
    saved.name = _one_line(name)
    saved.save(update_fields=["name"])


def _one_line(name: str) -> str:
    longest = SavedFilter._meta.get_field("name").max_length
    return " ".join(name.replace("\0", "").split())[:longest]
