"""Studios that hypothesis makes up: small, but with every edge that the catalogue knows."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from hypothesis import strategies as st

from accounts.models import Member
from classes.models import Level, Movement, State, Tempo, WorkoutClass
from tests.classes.catalogue.oracle import Studio
from tests.factories import (
    make_apparatus,
    make_class,
    make_focus_tag,
    make_instructor,
    make_member,
    make_movement,
    make_prop,
    make_variant,
)

LEVELS = ["beginner", "advanced"]
LANGUAGES = ["en", "en-GB", "es", "pt-BR"]
# Either side of every border between bands, and a film of almost no length.
SECONDS = [4, 629.999, 630, 1229, 1230, 1830, 2730, 3629, 3630, 5000]
# Days since each was defined. A check may be older than one of them and newer than another.
MOVEMENTS = {"twisting": 10, "rolling": 3, "kneeling": 30, "inversion": 30, "jumping": 30}
MOST = 7  # classes

films = st.lists(
    st.tuples(
        st.sampled_from(list(Tempo)),
        st.sampled_from(LANGUAGES),
        st.sampled_from(SECONDS),
        st.sampled_from([True, True, True, False]),
    ),
    max_size=4,
    unique_by=lambda film: film[:2],
)
some = st.sets(st.integers(0, 1))
movements = st.one_of(
    st.just(set()), st.sets(st.integers(0, 1), max_size=1), st.sets(st.integers(0, 4))
)
classes = st.fixed_dictionaries(
    {
        "level": st.sampled_from(LEVELS),
        "state": st.sampled_from([State.PUBLISHED] * 6 + [State.DRAFT, State.RETIRED]),
        "days_old": st.sampled_from([-1, 1, 1, 2, 3]),
        "retires_in_days": st.sampled_from([None, None, None, 2, 0]),
        "comment_count": st.integers(0, 2),
        "focus": st.sets(st.integers(0, 2)),
        "movements": movements,
        "checked_days_ago": st.sampled_from([None, 0, 0, 0, 5, 20]),
        "checker_left": st.sampled_from([False] * 5 + [True]),
        "apparatus": some,
        "props": some,
        "instructors": some,
        "films": films,
    }
)
studios = st.lists(classes, max_size=MOST)
# What a search found, as places in the studio, the best first.
searches = st.lists(st.integers(0, MOST - 1), unique=True)
# What a member has done, as places in the studio.
done = st.one_of(st.just([]), st.lists(st.integers(0, MOST - 1), unique=True))
avoids = st.lists(st.sampled_from(["twisting", "rolling", "kneeling"]), unique=True)

OPTIONS = {
    "show": ["workout-tempo", "observe-and-learn", "other-languages"],
    "focus": ["strong", "spine-safe", "no-twist"],
    "length": ["0-10", "11-20", "21-30", "31-45", "46-60", "61-"],
    "level": [level.value for level in Level],
    "apparatus": ["mat", "chair"],
    "prop": ["ball", "wall"],
    "instructor": ["ana", "jon"],
    "language": LANGUAGES,
}
UNREADABLE = ["\0", "\N{REPLACEMENT CHARACTER}", "\N{RIGHT-TO-LEFT MARK}"]
JUNK = ["", "expert", "61", "EN", "xx", "'", "x" * 300, "9" * 30, *UNREADABLE]
parameters = st.lists(
    st.one_of(
        *(
            st.tuples(st.just(name), st.sampled_from(values * 3 + JUNK))
            for name, values in OPTIONS.items()
        ),
        st.tuples(st.just("q"), st.sampled_from(["spine", "Árbol", "100%", "", *UNREADABLE])),
        st.tuples(
            st.just("sort"),
            st.sampled_from(["newest", "shortest", "longest", "discussed", "relevance", *JUNK]),
        ),
        st.tuples(st.just("page"), st.sampled_from(["1", "0", "-1", "2", "٣", *JUNK])),
        st.tuples(
            st.just("avoid"),
            st.sampled_from(["twisting", "rolling", "kneeling"] * 4 + ["none", *JUNK]),
        ),
        st.tuples(st.just("unchecked"), st.sampled_from(["yes", "yes", "yes", *JUNK])),
    ),
    max_size=6,
)


def encoded(pairs: Sequence[tuple[str, str]]) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in pairs:
        query.appendlist(name, value)
    return query


def build(studio: list[dict[str, Any]]) -> None:
    now = timezone.now()
    moves = [
        make_movement(slug=slug, name=slug.title(), defined_at=now - timedelta(days=days))
        for slug, days in MOVEMENTS.items()
    ]
    tags = [
        make_focus_tag(slug="strong", name="Strong", names={"es": "Árbol fuerte"}),
        make_focus_tag(slug="spine-safe", name="Spine Safe", forbids=moves[:2]),
        make_focus_tag(slug="no-twist", name="No twist", forbids=moves[:1]),
    ]
    apparatus = [make_apparatus(slug="mat"), make_apparatus(slug="chair")]
    props = [make_prop(slug="ball"), make_prop(slug="wall")]
    people = [
        make_instructor(slug="ana", name="Ana Spínola"),
        make_instructor(slug="jon", name="Jon"),
    ]
    curator = make_member(is_staff=True)
    for number, spec in enumerate(studio):
        published_at = now - timedelta(days=spec["days_old"])
        retires_in = spec["retires_in_days"]
        retires_at = None if retires_in is None else now + timedelta(days=retires_in)
        made = make_class(
            variant=False,
            title=f"Class {number}",
            level=spec["level"],
            state=spec["state"],
            published_at=published_at,
            retires_at=retires_at if retires_at and retires_at > published_at else None,
            comment_count=spec["comment_count"],
            focus_tags=[tags[i] for i in spec["focus"]],
            movements=[moves[i] for i in spec["movements"]],
            apparatus=[apparatus[i] for i in spec["apparatus"]],
            props=[props[i] for i in spec["props"]],
            instructors=[people[i] for i in spec["instructors"]],
        )
        for tempo, language, seconds, ready in spec["films"]:
            length = timedelta(seconds=seconds)
            make_variant(made, tempo=tempo, language=language, ready=ready, duration=length)
        _check(made, spec, curator)


def _check(made: WorkoutClass, spec: dict[str, Any], curator: Member) -> None:
    """As it stands after a person checked the class, and perhaps left."""
    if spec["checked_days_ago"] is not None:
        WorkoutClass.objects.filter(pk=made.pk).update(
            checked_at=timezone.now() - timedelta(days=spec["checked_days_ago"]),
            checked_by=None if spec["checker_left"] else curator,
        )


def as_it_stands() -> Studio:
    return Studio(
        rows=list(WorkoutClass.objects.for_page()),
        defined=dict(Movement.objects.values_list("slug", "defined_at")),
    )
