"""A timeline as lines: what is understood, what is refused and how, and the way back."""

import time
from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import translation
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from classes.body.timeline_text import (
    MAX_NOTE_LENGTH,
    MAX_TITLE_LENGTH,
    BodyVocabulary,
    Fault,
    PlainChapter,
    TimelineFaults,
    fold,
    in_order,
    read_timeline,
    shifted,
    tidy,
    write_timeline,
)
from classes.models import Exercise, Movement
from classes.taxonomy import load_taxonomy
from tests.factories import make_exercise, make_movement

FILM = timedelta(minutes=20)

unhurried = settings(deadline=None)  # a busy machine keeps no deadline


def movement(pk: int, name: str, slug: str = "", **attrs) -> Movement:
    return Movement(pk=pk, name=name, slug=slug or name.lower().replace(" ", "-"), **attrs)


def exercise(pk: int, name: str, slug: str = "", **attrs) -> Exercise:
    return Exercise(pk=pk, name=name, slug=slug or name.lower().replace(" ", "-"), **attrs)


KNEELING = movement(1, "Kneeling", position=1, names={"es": "De rodillas"})
HEAD_LIFT = movement(2, "Unsupported head lift", "head-lift", position=2)
TWISTING = movement(3, "Twisting", position=3)
HUNDRED = exercise(1, "Hundred", names={"es": "El cien"}, aliases=["100s"])
SAW = exercise(2, "Saw", names={"es": "La sierra"})
ROLL_UP = exercise(3, "Roll Up")
ROLL_OVER = exercise(4, "Roll Over")
CRISS_CROSS = exercise(5, "Criss-Cross")
FIGURE_4 = exercise(6, "Figure-4 Stretch")
VOCABULARY = BodyVocabulary.of(
    [HUNDRED, SAW, ROLL_UP, ROLL_OVER, CRISS_CROSS, FIGURE_4], [KNEELING, HEAD_LIFT, TWISTING]
)


def read(text: str, duration: timedelta = FILM) -> list[PlainChapter]:
    return read_timeline(text, VOCABULARY, duration=duration)


def faults_of(text: str, duration: timedelta = FILM) -> list[tuple[int, str]]:
    with translation.override("en"), pytest.raises(TimelineFaults) as refusal:
        read(text, duration)
    return [(fault.line, fault.sentence) for fault in refusal.value.faults]


# --- Understood -----------------------------------------------------------------------------------


def test_a_chapter_lasts_until_the_next_and_the_last_to_the_end_of_the_film():
    chapters = read("0:00 Hundred\n1:30 Saw\n10:05 Roll Up")

    assert [(each.start, each.end, each.exercise) for each in chapters] == [
        (0, 90, HUNDRED),
        (90, 605, SAW),
        (605, 1200, ROLL_UP),
    ]


@pytest.mark.parametrize("line", ["0:30-1:00 Saw", "0:30–1:00 Saw", "00:30 - 01:00 Saw"])
def test_an_end_of_its_own_leaves_a_gap(line):
    [first, _second] = read(f"{line}\n2:00 Hundred")

    assert (first.start, first.end) == (30, 60)


def test_a_long_film_has_hours():
    [chapter] = read("1:02:03 Saw", timedelta(hours=2))

    assert (chapter.start, chapter.end) == (3723, 7200)


def test_what_is_left_of_the_last_second_belongs_to_nobody():
    [chapter] = read("0:00 Saw", timedelta(seconds=61.9))

    assert chapter.end == 61


def test_a_chapter_adds_removes_and_says_something():
    [chapter] = read("0:00 The Hundred -head lift +kneeling +Twisting | head down + breathe | out")

    assert chapter == PlainChapter(
        0,
        1200,
        HUNDRED,
        adds=(KNEELING, TWISTING),
        removes=(HEAD_LIFT,),
        note="head down + breathe | out",
    )


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ('"Welcome"', "Welcome"),
        ("“Welcome”", "Welcome"),
        ("„Welcome“", "Welcome"),
        ("«Welcome»", "Welcome"),
        ('"Legs | arms +  more - all"', "Legs | arms + more - all"),
        ('"The ""big"" one"', 'The "big" one'),
    ],
)
def test_a_title_that_is_no_exercise_stands_in_quotes(typed, title):
    [chapter] = read(f"0:00 {typed} +kneeling | slowly")

    assert (chapter.exercise, chapter.title) == (None, title)
    assert (chapter.adds, chapter.note) == ((KNEELING,), "slowly")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hundred", HUNDRED),
        ("THE  HUNDRED", HUNDRED),
        ("el Cien", HUNDRED),
        ("100s", HUNDRED),
        ("la sierra", SAW),
        ("criss cross", CRISS_CROSS),
        ("Crïss‑Cross", CRISS_CROSS),
        ("figure 4 stretch", FIGURE_4),
        ("roll-up", ROLL_UP),
    ],
)
def test_an_exercise_has_many_names(typed, meant):
    assert read(f"0:00 {typed}")[0].exercise == meant


@pytest.mark.parametrize(
    "typed", ["-de rodillas", "-Kneeling", "- kneeling", "–kneeling", "−KNEELING", "\t-kneeling"]
)
def test_a_movement_is_left_out_with_any_dash(typed):
    assert read(f"0:00 Saw {typed}")[0].removes == (KNEELING,)


def test_empty_lines_say_nothing_and_no_line_is_no_chapter():
    assert read("\r\n\n  \r\n") == []
    assert len(read("\n0:00 Saw\r\n\r\n1:00 Hundred\r")) == 2


def test_a_movement_named_twice_counts_once():
    assert read("0:00 Saw +kneeling +De rodillas")[0].adds == (KNEELING,)


def test_own_names_go_before_names_of_others():
    twist = exercise(7, "Twist", aliases=["Spiral"])
    spiral = exercise(8, "Spiral", aliases=["Twist"])
    vocabulary = BodyVocabulary.of([twist, spiral], [])

    chapters = read_timeline("0:00 twist\n1:00 SPIRAL", vocabulary, duration=FILM)

    assert [chapter.exercise for chapter in chapters] == [twist, spiral]


# --- Refused --------------------------------------------------------------------------------------


def test_every_fault_is_said_with_its_line():
    text = "\n".join(
        [
            "0:00 Hundrad",
            "1:00 Saw +kneling",
            "",
            "0:30 Saw",
            "Saw",
            "25:00 Saw",
        ]
    )

    assert faults_of(text) == [
        (
            1,
            "No exercise is called “Hundrad”. Did you mean Hundred? "
            "A title that is no exercise stands in quotes.",
        ),
        (2, "No movement is called “kneling”. Did you mean Kneeling?"),
        (4, "0:30 is not later than 1:00, where the line above begins."),
        (5, "A line begins with a time, like “12:34 Saw”."),
        (6, "25:00 is past the end of the film, which lasts 20:00."),
    ]


def test_a_fault_shows_the_line_as_it_was_typed():
    with pytest.raises(TimelineFaults) as refusal:
        read("  0:00   Nothing known ")

    [fault] = refusal.value.faults
    assert isinstance(fault, Fault)
    assert fault.text == "0:00   Nothing known"


def test_at_most_three_near_names_are_offered():
    [(_line, sentence)] = faults_of("0:00 Roll Umer")

    assert "Did you mean Roll Up or Roll Over?" in sentence or "Roll Over or Roll Up" in sentence
    assert len(VOCABULARY.exercises.near("roll")) <= 3


def test_nothing_is_offered_where_nothing_is_near():
    [(_line, sentence)] = faults_of("0:00 Zzzzzzzz")

    assert "Did you mean" not in sentence


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("0:00", "No exercise stands after the time."),
        ("0:00 | slowly", "No exercise stands after the time."),
        ("0:00 +kneeling", "No exercise stands after the time."),
        ('0:00 "  "', "The title is empty."),
        ('0:00 "Welcome', "The quotes of the title are not closed."),
        (
            '0:00 "Welcome" to all',
            "After the title, “to all” is neither a movement nor a note.",
        ),
        ("0:00 Saw +kneeling -kneeling", "“Kneeling” is both added and left out."),
        ("0:75 Saw", "“0:75” is no time. Write minutes and seconds, like 12:34."),
        ("0:00-20:01 Saw", "20:01 is past the end of the film, which lasts 20:00."),
        ("20:00 Saw", "20:00 is past the end of the film, which lasts 20:00."),
        ("1:00-0:30 Saw", "This chapter begins at 1:00 and ends at 0:30, not later."),
        ("1:00-1:00 Saw", "This chapter begins at 1:00 and ends at 1:00, not later."),
        ("90 Saw", "A line begins with a time, like “12:34 Saw”."),
        ("٠:٠٠ Saw", "A line begins with a time, like “12:34 Saw”."),
        (
            "0:00 Saw \x00",
            "There is an invisible character (U+0000) in this line. Remove it.",
        ),
        ("0:00 Saw | a\x1bb", "There is an invisible character (U+001B) in this line. Remove it."),
        (f'0:00 "{"x" * (MAX_TITLE_LENGTH + 1)}"', "A title has at most 120 characters."),
        (f"0:00 Saw | {'x' * (MAX_NOTE_LENGTH + 1)}", "A note has at most 300 characters."),
        ("0:00 " + "x" * 2000, "This line is too long: it has at most 1000 characters."),
    ],
)
def test_what_is_refused(line, sentence):
    assert faults_of(line) == [(1, sentence)]


def test_chapters_do_not_overlap():
    assert faults_of("0:00-1:00 Saw\n0:59 Hundred") == [
        (1, "This chapter ends at 1:00, and the next begins at 0:59.")
    ]


def test_a_name_of_several_is_not_guessed():
    one, other = exercise(7, "Kick", aliases=["K"]), exercise(8, "Knee", aliases=["k"])

    with translation.override("en"), pytest.raises(TimelineFaults) as refusal:
        read_timeline("0:00 K", BodyVocabulary.of([one, other], []), duration=FILM)

    [fault] = refusal.value.faults
    assert fault.sentence == "“K” may be any of Kick (kick) or Knee (knee). Write its address."


def test_a_timeline_has_no_more_lines_than_anybody_reads():
    with translation.override("en"):
        assert faults_of("0:00 Saw\n" * 501) == [
            (0, "A timeline has at most 500 lines; this one has 501.")
        ]


@pytest.mark.django_db
def test_many_unknown_words_are_answered_in_time():
    load_taxonomy()
    vocabulary = BodyVocabulary.load()
    text = "\n".join(
        f"{i // 60}:{i % 60:02} Unheard of stretch {i} " + "x" * 900 for i in range(500)
    )

    began = time.process_time()
    with pytest.raises(TimelineFaults) as refusal:
        read_timeline(text, vocabulary, duration=timedelta(hours=1))

    assert len(refusal.value.faults) == 500
    assert time.process_time() - began < 10


@unhurried
@given(st.text(max_size=200))
def test_no_text_is_an_error(text):
    try:
        chapters = read(text)
    except TimelineFaults as refusal:
        assert refusal.faults
        assert str(refusal)
    else:
        assert read(write_timeline(chapters, duration=FILM)) == chapters


@unhurried
@given(
    st.lists(
        st.sampled_from(
            ["0:00", "1:00-", "2:30", " ", "Saw", "hundred", '"', "“", "”", "+", "-", "|", "\n"]
        )
    ).map("".join)
)
def test_no_line_of_its_parts_is_an_error(text):
    test_no_text_is_an_error.hypothesis.inner_test(text)


# --- The way back ---------------------------------------------------------------------------------

AWKWARD = [
    "Saw",
    "saw",
    "Roll-Up",
    "roll up",
    "Short Box: Round",
    "Legs - apart",
    "Arms +more",
    "A | b",
    '"Quoted"',
    "“Quoted”",
    "-Minus",
    "Plus+",
    "Two  blanks",
    "The The",
    "1:00",
    "El niño",
    "滚动",
    "…",
    "Hip Twist (kneeling)",
]
names = st.sampled_from(AWKWARD) | st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12
).map(tidy).filter(bool)


@st.composite
def vocabularies(draw) -> BodyVocabulary:
    movements = [
        Movement(pk=i, name=name, slug=f"m{i}", position=draw(st.integers(0, 3)))
        for i, name in enumerate(draw(st.lists(names, min_size=1, max_size=4, unique=True)))
    ]
    exercises = [
        Exercise(
            pk=i,
            name=name,
            slug=f"e{i}",
            names={"es": draw(names)} if draw(st.booleans()) else {},
            aliases=draw(st.lists(names, max_size=2)),
        )
        for i, name in enumerate(draw(st.lists(names, min_size=1, max_size=5, unique=True)))
    ]
    return BodyVocabulary.of(exercises, movements)


words = (
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=30)
    | st.sampled_from(AWKWARD)
).map(tidy)


@st.composite
def timelines(draw, vocabulary: BodyVocabulary, seconds: int) -> list[PlainChapter]:
    times = sorted(draw(st.sets(st.integers(0, seconds), max_size=8)))
    chapters = []
    for start, following in pairwise(times):
        picked = draw(st.dictionaries(st.sampled_from(vocabulary.movements.terms), st.booleans()))
        title = draw(words)
        chapters.append(
            PlainChapter(
                start,
                draw(st.integers(start + 1, following)),
                exercise=None if title else draw(st.sampled_from(vocabulary.exercises.terms)),
                title=title,
                adds=in_order(m for m, is_added in picked.items() if is_added),
                removes=in_order(m for m, is_added in picked.items() if not is_added),
                note=draw(words),
            )
        )
    return chapters


@unhurried
@given(st.data())
def test_what_is_printed_reads_back_as_the_same(data):
    vocabulary = data.draw(vocabularies())
    seconds = data.draw(st.integers(1, 14_400))
    chapters = data.draw(timelines(vocabulary, seconds))
    duration = timedelta(seconds=seconds + data.draw(st.floats(0, 0.99)))

    text = write_timeline(chapters, duration=duration)

    assert read_timeline(text, vocabulary, duration=duration) == chapters
    again = read_timeline(text, vocabulary, duration=duration)
    assert write_timeline(again, duration=duration) == text


def test_the_printed_form_is_what_a_curator_would_type():
    chapters = [
        PlainChapter(0, 90, title="Welcome"),
        PlainChapter(90, 185, HUNDRED, removes=(HEAD_LIFT,), note="the head stays down"),
        PlainChapter(185, 240, SAW, adds=(KNEELING,)),
        PlainChapter(300, 1200, ROLL_UP),
    ]

    assert write_timeline(chapters, duration=FILM) == (
        '0:00 "Welcome"\n'
        "1:30 Hundred -Unsupported head lift | the head stays down\n"
        "3:05-4:00 Saw +Kneeling\n"
        "5:00 Roll Up\n"
    )


def test_a_chapter_longer_than_its_film_says_so_when_it_is_printed():
    text = write_timeline([PlainChapter(0, 1500, SAW)], duration=FILM)

    assert text == "0:00-25:00 Saw\n"
    assert faults_of(text) == [(1, "25:00 is past the end of the film, which lasts 20:00.")]


# --- Copying --------------------------------------------------------------------------------------


def test_copying_moves_every_chapter_and_cuts_the_last():
    chapters = [PlainChapter(0, 60, SAW), PlainChapter(60, 1200, HUNDRED)]

    moved = shifted(chapters, 15, duration=FILM)

    assert [(each.start, each.end) for each in moved] == [(15, 75), (75, 1200)]
    assert shifted(moved, -15, duration=timedelta(seconds=1185)) == [
        PlainChapter(0, 60, SAW),
        PlainChapter(60, 1185, HUNDRED),
    ]


@pytest.mark.parametrize(("seconds", "lines"), [(-1, [1]), (-90, [1, 2]), (1141, [2])])
def test_what_falls_out_of_the_film_is_named(seconds, lines):
    chapters = [PlainChapter(0, 60, SAW), PlainChapter(60, 1200, HUNDRED)]

    with pytest.raises(TimelineFaults) as refusal:
        shifted(chapters, seconds, duration=FILM)

    assert [fault.line for fault in refusal.value.faults] == lines


# --- Names ----------------------------------------------------------------------------------------


@unhurried
@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(name):
    assume(not fold(name).startswith("the "))

    assert fold(fold(name)) == fold(name)


@pytest.mark.django_db
def test_vocabulary_is_loaded_in_three_queries(django_assert_num_queries):
    twisting = make_movement()
    for _ in range(3):
        make_exercise(movements=[twisting])

    with django_assert_num_queries(3):
        vocabulary = BodyVocabulary.load()
        chapters = read_timeline(
            f"0:00 {vocabulary.exercises.terms[0].slug}", vocabulary, duration=FILM
        )
        assert chapters[0].movements == [twisting]
