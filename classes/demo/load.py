"""Makes rows of the demo studio: who signs in, who teaches, what is taught. Films come later."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import transaction

from accounts.membership.trials import address_hash
from accounts.models import Member, Membership, TrialTaken
from classes.body.timeline import store_timeline
from classes.body.timeline_text import BodyVocabulary
from classes.models import (
    Apparatus,
    FocusTag,
    Instructor,
    Movement,
    Picture,
    Prop,
    Variant,
    WorkoutClass,
)
from classes.models.video import pictures_folder
from classes.taxonomy import load_taxonomy
from classes.video.pictures import make_renditions

from .library import fill_library
from .portraits import draw_portrait
from .studio import DemoAccount, DemoClass, DemoInstructor, read_studio
from .timelines import timeline_of

# The demo's checks lie in the past, and a check covers only movements that were defined by then.
_STUDIO_OPENED = timedelta(days=3 * 365)


def is_loaded() -> bool:
    """Whether this database holds the demo, or what its owner made of it.

    Everything is loaded in one transaction, so any part of it means all of it; what is missing
    now was deleted by somebody, who would not want it back.
    """
    studio = read_studio()
    return (
        Member.objects.filter(email__in=[account.email for account in studio.accounts]).exists()
        or Instructor.objects.filter(slug__in=[each.slug for each in studio.instructors]).exists()
        or WorkoutClass.objects.filter(slug__in=[each.slug for each in studio.classes]).exists()
    )


def draw_portraits() -> dict[str, Picture]:
    """A picture for each teacher, by slug: its files are written, its row is not saved.

    Apart from `load_studio` because four seconds of drawing have no place in a transaction.
    """
    portraits = {}
    for instructor in read_studio().instructors:
        drawn = draw_portrait(instructor.palette, seed=instructor.slug)
        made = make_renditions(drawn, pictures_folder())
        portraits[instructor.slug] = Picture(
            id=uuid.UUID(made.name), width=made.width, height=made.height, widths=list(made.widths)
        )
    return portraits


@transaction.atomic
def load_studio(
    *, now: datetime, passwords: Mapping[str, str], portraits: Mapping[str, Picture]
) -> None:
    """Create taxonomy, accounts, instructors and classes, all dated back from `now`.

    `passwords` are by e-mail address. Call it only where `is_loaded` says no.
    """
    load_taxonomy(defined_at=now - _STUDIO_OPENED)
    for account in read_studio().accounts:
        _create_account(account, now=now, password=passwords[account.email])
    for position, instructor in enumerate(read_studio().instructors, start=1):
        _create_instructor(
            instructor, position=position, now=now, portrait=portraits.get(instructor.slug)
        )
    vocabulary = BodyVocabulary.load()
    for demo in read_studio().classes:
        _create_class(demo, vocabulary, now=now)
    for account in read_studio().accounts:
        fill_library(Member.objects.get(email=account.email), account, now=now)


def _create_account(account: DemoAccount, *, now: datetime, password: str) -> Member:
    membership = account.membership
    joined = now - (membership.began if membership else _STUDIO_OPENED)
    member = _create_member(account.email, account.name, joined=joined, password=password)
    if account.is_curator:
        member.is_staff = True
        member.save(update_fields=["is_staff"])
        member.groups.add(Group.objects.get(name="Curators"))
    if membership:
        Membership.objects.create(
            member=member,
            source=membership.source,
            starts_at=joined,
            ends_at=now + membership.ends,
        )
        if membership.source == Membership.Source.TRIAL:
            TrialTaken.objects.get_or_create(
                address_hash=address_hash(account.email), defaults={"taken_at": joined}
            )
    return member


def _create_member(
    email: str, name: str, *, joined: datetime, password: str | None = None
) -> Member:
    """Without a password nobody signs in as this member."""
    member = Member.objects.create_user(email, password, display_name=name, date_joined=joined)
    EmailAddress.objects.create(user=member, email=email, verified=True, primary=True)
    return member


def _create_instructor(
    demo: DemoInstructor, *, position: int, now: datetime, portrait: Picture | None
) -> None:
    with_account = {
        account.instructor: account.email
        for account in read_studio().accounts
        if account.instructor
    }
    if demo.slug in with_account:
        member = Member.objects.get(email=with_account[demo.slug])
    else:
        member = _create_member(f"{demo.slug}@example.org", demo.name, joined=now - _STUDIO_OPENED)
    if portrait:
        portrait.save(force_insert=True)
    Instructor.objects.create(
        slug=demo.slug,
        name=demo.name,
        bio=demo.bio,
        position=position,
        member=member,
        portrait=portrait,
    )


def _create_class(demo: DemoClass, vocabulary: BodyVocabulary, *, now: datetime) -> None:
    published_at = None if demo.published is None else now - demo.published
    checked_by = demo.checked_by and Instructor.objects.get(slug=demo.checked_by).member
    workout_class = WorkoutClass.objects.create(
        slug=demo.slug,
        title=demo.title,
        description=demo.description,
        level=demo.level,
        is_free=demo.is_free,
        state=demo.state,
        published_at=published_at,
    )
    workout_class.instructors.set(_by_slug(Instructor, demo.instructors))
    workout_class.apparatus.set(_by_slug(Apparatus, demo.apparatus))
    workout_class.props.set(_by_slug(Prop, demo.props))
    workout_class.ticked_movements.set(_by_slug(Movement, demo.contains))
    workout_class.focus_tags.set(_by_slug(FocusTag, demo.focus))
    checked_at = None if demo.checked is None else now - demo.checked
    for film in demo.variants:
        variant = Variant.objects.create(
            workout_class=workout_class,
            tempo=film.tempo,
            language=film.language,
            watched_whole_at=checked_at,
        )
        store_timeline(variant, timeline_of(demo, film, vocabulary))
    # After ticks, films and timelines: a change of those takes a check back.
    workout_class.checked_by = checked_by or None
    workout_class.checked_at = checked_at
    workout_class.check_withdrawn = demo.check_withdrawn
    workout_class.save(update_fields=["checked_by", "checked_at", "check_withdrawn"])
    # Feed and sitemap say when a class last changed, which for most of these was long ago.
    changed_at = min(now, published_at or now)
    WorkoutClass.objects.filter(pk=workout_class.pk).update(
        created_at=changed_at, updated_at=changed_at
    )


def _by_slug(kind: Any, slugs: Iterable[str]) -> list[Any]:
    rows = list(kind.objects.filter(slug__in=slugs))
    if missing := set(slugs) - {row.slug for row in rows}:
        raise LookupError(f"{kind.__name__} {', '.join(sorted(missing))}")
    return rows
