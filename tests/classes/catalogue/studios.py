"""Studios that hypothesis makes up: small, but with every edge that the catalogue knows."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st

from classes.models import Level, State, Tempo, WorkoutClass
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
WORDS = ["spine", "SPINE", "Árbol", "árbol", "ana", "100%", "a_b"]

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
classes = st.fixed_dictionaries(
    {
        "level": st.sampled_from(LEVELS),
        "state": st.sampled_from([State.PUBLISHED] * 6 + [State.DRAFT, State.RETIRED]),
        "days_old": st.sampled_from([-1, 1, 1, 2, 3]),
        "title": st.lists(st.sampled_from(WORDS), max_size=2).map(" ".join),
        "description": st.lists(st.sampled_from(WORDS), max_size=2).map(" ".join),
        "comment_count": st.integers(0, 2),
        "focus": st.sets(st.integers(0, 2)),
        "movements": st.sets(st.integers(0, 1), max_size=1),
        "checked_days_ago": st.sampled_from([None, 0, 0, 5, 20]),
        "apparatus": some,
        "props": some,
        "instructors": some,
        "films": films,
    }
)
studios = st.lists(classes, max_size=7)

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
JUNK = ["", "expert", "61", "EN", "xx", "\0", "\N{REPLACEMENT CHARACTER}", "'", "x" * 300, "9" * 30]
parameters = st.lists(
    st.one_of(
        *(
            st.tuples(st.just(name), st.sampled_from(values * 3 + JUNK))
            for name, values in OPTIONS.items()
        ),
        st.tuples(st.just("q"), st.sampled_from(WORDS * 3 + JUNK)),
        st.tuples(
            st.just("sort"),
            st.sampled_from(["newest", "shortest", "longest", "discussed", "relevance", *JUNK]),
        ),
        st.tuples(st.just("page"), st.sampled_from(["1", "0", "-1", "2", "٣", *JUNK])),
        st.tuples(st.just("avoid"), st.sampled_from(["twisting", *JUNK])),
    ),
    max_size=6,
)


def build(studio: list[dict[str, Any]]) -> None:
    now = timezone.now()
    curator = make_member(is_staff=True)
    movements = [
        make_movement(slug="twisting", defined_at=now - timedelta(days=10)),
        make_movement(slug="rolling", defined_at=now - timedelta(days=3)),
    ]
    tags = [
        make_focus_tag(slug="strong", name="Strong", names={"es": "Árbol fuerte"}),
        make_focus_tag(slug="spine-safe", name="Spine Safe", forbids=movements),
        make_focus_tag(slug="no-twist", name="No twist", forbids=movements[:1]),
    ]
    apparatus = [make_apparatus(slug="mat"), make_apparatus(slug="chair")]
    props = [make_prop(slug="ball"), make_prop(slug="wall")]
    people = [
        make_instructor(slug="ana", name="Ana Spínola"),
        make_instructor(slug="jon", name="Jon"),
    ]
    for spec in studio:
        days = spec["checked_days_ago"]
        check = (
            {}
            if days is None
            else {"checked_by": curator, "checked_at": now - timedelta(days=days)}
        )
        made = make_class(
            variant=False,
            title=spec["title"],
            description=spec["description"],
            level=spec["level"],
            state=spec["state"],
            published_at=now - timedelta(days=spec["days_old"]),
            comment_count=spec["comment_count"],
            focus_tags=[tags[i] for i in spec["focus"]],
            movements=[movements[i] for i in spec["movements"]],
            apparatus=[apparatus[i] for i in spec["apparatus"]],
            props=[props[i] for i in spec["props"]],
            instructors=[people[i] for i in spec["instructors"]],
            **check,
        )
        for tempo, language, seconds, ready in spec["films"]:
            length = timedelta(seconds=seconds)
            make_variant(made, tempo=tempo, language=language, ready=ready, duration=length)


def rows() -> list[WorkoutClass]:
    return list(WorkoutClass.objects.for_page())
