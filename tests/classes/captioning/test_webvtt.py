"""Captions files as they are read and written, and as rows."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classes.captioning.webvtt import (
    MAX_BYTES,
    MAX_FAULTS,
    CaptionsRefused,
    PlainCue,
    read_captions,
    timestamp,
    write_captions,
)
from classes.models import Captions, Cue
from tests.factories import make_class

ONE_CUE = "00:01.000 --> 00:04.000\nLie on your back."


def vtt(*blocks: str) -> bytes:
    return "\n\n".join(["WEBVTT", *blocks]).encode()


def faults(content: bytes, **options) -> list[tuple[int, str]]:
    """Line and sentence of everything that is wrong."""
    with pytest.raises(CaptionsRefused) as refusal:
        read_captions(content, **options)
    return [(fault.line, str(fault)) for fault in refusal.value.faults]


# --- What is taken ------------------------------------------------------------------------------


def test_webvtt_gives_times_words_and_who_speaks():
    cues = read_captions(
        vtt(
            "00:01.000 --> 00:04.500\n<v Marit>Lie on your back,\nknees bent.",
            "01:02:03.004 --> 01:02:05.000\nBreathe.",
        )
    )

    assert cues == (
        PlainCue(1.0, 4.5, "Lie on your back,\nknees bent.", "Marit"),
        PlainCue(3723.004, 3725.0, "Breathe."),
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_ends_of_lines_and_a_byte_order_mark_do_not_matter(newline, mark):
    text = mark + vtt(ONE_CUE, "00:05.000 --> 00:06.000\nUp.").decode().replace("\n", newline)

    assert [cue.text for cue in read_captions(text.encode())] == ["Lie on your back.", "Up."]


@pytest.mark.parametrize(
    "block",
    [
        "NOTE",
        "NOTE two lines\nof it",
        "STYLE\n::cue { color: red }",
        "REGION\nid:low width:40%",
    ],
)
def test_notes_styles_and_regions_are_left_out(block):
    assert read_captions(vtt(block, ONE_CUE)) == read_captions(vtt(ONE_CUE))


def test_words_of_the_header_and_names_of_cues_are_left_out():
    content = b"WEBVTT made by hand\nKind: captions\nLanguage: en\n\nfirst\n" + ONE_CUE.encode()

    assert read_captions(content) == read_captions(vtt(ONE_CUE))


@pytest.mark.parametrize(
    ("marked_up", "plain"),
    [
        ("<i>Slowly</i>, <b.loud>now</b>", "Slowly, now"),
        ("hold<00:02.000><c> it</c>", "hold it"),
        ("<lang es>Arriba</lang>", "Arriba"),
        ("Arms &amp; legs &lt;both&gt;", "Arms & legs <both>"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("angle < 90 degrees", "angle < 90 degrees"),
        ("  two   spaces \n\t\nless", "two spaces\nless"),
        ("<<i>b>", "<b>"),
        ("4\u00a0kg", "4\u00a0kg"),
    ],
)
def test_markup_goes_and_words_stay(marked_up, plain):
    (cue,) = read_captions(vtt(f"00:01.000 --> 00:04.000\n{marked_up}"))

    assert cue.text == plain
    assert read_captions(write_captions([cue]).encode()) == (cue,)


@pytest.mark.parametrize(
    ("marked_up", "speaker", "text"),
    [
        ("<v Marit Aldersund>Up", "Marit Aldersund", "Up"),
        ("<v.soft   Marit >Up</v>", "Marit", "Up"),
        ("<v R&amp;B>Up", "R&B", "Up"),
        ("<v Marit>Up</v>\n<v Marit>Down", "Marit", "Up\nDown"),
        ("<v Marit>Up?\n<v Tomás>Down!", "", "Marit: Up?\nTomás: Down!"),
        ("<v Marit>Up</v>\n[a bell]", "", "Marit: Up\n[a bell]"),
        ("<v>Up", "", "Up"),
    ],
)
def test_voices_become_the_speaker(marked_up, speaker, text):
    (cue,) = read_captions(vtt(f"00:01.000 --> 00:04.000\n{marked_up}"))

    assert (cue.speaker, cue.text) == (speaker, text)


def test_number_that_is_no_character_is_no_character():
    cues = read_captions(vtt(f"{CUE}\nbreathe &#{'9' * 5000}; out"))

    assert cues[0].text == "breathe \N{REPLACEMENT CHARACTER} out"


def test_cue_full_of_tags_is_read_as_fast_as_one_of_words():
    content = vtt(f"{CUE}\n{'a<b>' * (MAX_BYTES // 4 - 50)}")
    begun = time.process_time()

    read_captions(content)

    assert time.process_time() - begun < 1.5


def test_cues_keep_their_place_on_the_picture():
    head = "00:01.000 --> 00:04.000 size:50% region:low align:middle line:-1 position:10%,line-left"

    (cue,) = read_captions(vtt(f"{head}\nUp."))

    assert cue.settings == "line:-1 position:10%,line-left size:50% align:center"


def test_lines_of_spaces_inside_a_cue_are_words_that_say_nothing():
    content = vtt("00:05.000 --> 00:06.000\n \nUp.", "00:07.000 --> 00:08.000\n ")

    assert read_captions(content) == (PlainCue(5.0, 6.0, "Up."),)


def test_subrip_is_read_like_webvtt():
    content = (
        "1\n00:00:01,000 --> 00:00:04,000\n<i>Lie</i> on your <font color='red'>back</font>.\n\n"
        "2\n00:00:05,250 --> 01:00:06,000\n{\\an8}Breathe.\n \n"
    )

    assert read_captions(content.encode()) == (
        PlainCue(1.0, 4.0, "Lie on your back."),
        PlainCue(5.25, 3606.0, "Breathe.", settings="line:0"),
    )


def test_last_cue_may_end_a_second_after_the_film():
    assert read_captions(vtt(ONE_CUE), film_seconds=3.0)


# --- What is refused ----------------------------------------------------------------------------

CUE = "00:01.000 --> 00:04.000"


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        (b"webvtt\n\n" + ONE_CUE.encode(), 1, "begins with the line “WEBVTT”"),
        (ONE_CUE.encode(), 1, "begins with the line “WEBVTT”"),
        (f"WEBVTT\n{ONE_CUE}".encode(), 2, "between “WEBVTT” and the first cue"),
        (vtt("00:01,000 --> 00:04.000\nx"), 3, "“00:01,000” is no time. Write it like “00:01.000”"),
        (vtt("00:61.000 --> 01:04.000\nx"), 3, "“00:61.000” is no time"),
        (vtt("0:01.000 --> 01:04.000\nx"), 3, "“0:01.000” is no time"),
        (vtt("00:01.00 --> 01:04.000\nx"), 3, "“00:01.00” is no time"),
        (vtt("٠٠:٠١.٠٠٠ --> 01:04.000\nx"), 3, "is no time"),
        (vtt("00:01.000-->01:04.000\nx"), 3, "with spaces around the arrow"),
        (vtt("00:01.000 -->\nx"), 3, "Expected is a line like"),
        (vtt("00:04.000 --> 00:04.000\nx"), 3, "which is not later"),
        (vtt(ONE_CUE, "00:00.500 --> 00:09.000\nx"), 6, "before the one above it, at 00:00:01.000"),
        (vtt(f"{CUE} colour:red\nx"), 3, "“colour:red” does not say where"),
        (vtt(f"{CUE} line:101%\nx"), 3, "“line:101%” does not say where"),
        (vtt(CUE), 3, "No words stand under this time"),
        (vtt(f"{CUE}\n\nx", ONE_CUE), 3, "No words stand under this time"),
        (vtt(ONE_CUE, "x"), 6, "These words have no time"),
        (vtt(f"one\ntwo\n{ONE_CUE}"), 3, "These words have no time"),
        (vtt(f"{ONE_CUE}\n{ONE_CUE}"), 5, "An empty line must stand before each cue"),
        (vtt(f"{CUE}\nleft --> right"), 4, "may not stand in the words"),
        (vtt(f"NOTE\n{ONE_CUE}"), 4, "between a note and a cue"),
        (vtt(f"{CUE}\na\x00b"), 4, "invisible character (U+0000)"),
        (vtt(f"{CUE}\n<v {'a' * 81}>x"), 4, "at most 80 characters"),
        (vtt(f"{CUE}\n "), 0, "no words"),
        (vtt("Nothing here."), 0, "no line has times"),
        (b"", 0, "The file is empty"),
        (b"\n \n", 0, "The file is empty"),
        (vtt(f"{CUE}\nma\xf1ana").decode().encode("latin-1"), 4, "it seems, in Windows-1252"),
        (vtt(ONE_CUE).decode().encode("utf-16"), 0, "it seems, in UTF-16"),
        (vtt(ONE_CUE).decode().encode("utf-16-be"), 0, "it seems, in UTF-16"),
        (b"PK\x03\x04" + vtt(ONE_CUE), 0, "another kind: ZIP"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>", 0, "another kind: XML, TTML"),
        (b"1\n00:00:01,000 --> 00:00:04.000\nx", 2, "Write it like “00:00:01,000”"),
        (vtt(f"{CUE}\n{'a' * MAX_BYTES}"), 0, "at most 2 MB; this one has 2.0 MB"),
    ],
)
def test_fault_is_said_once_with_its_line(content, line, said):
    found = [sentence for at, sentence in faults(content) if at == line]

    assert len([sentence for sentence in found if said in sentence]) == 1, faults(content)


def test_cue_after_the_end_of_the_film_is_named():
    content = vtt(ONE_CUE, "00:09.000 --> 00:10.000\nx", "00:11.000 --> 00:12.000\nx")

    assert faults(content, film_seconds=8.9) == [
        (6, "This cue ends at 00:00:10.000, and the film at 00:00:08.900.")
    ]


def test_everything_wrong_is_said_at_once_in_the_order_of_the_lines():
    content = vtt("00:01,000 --> 00:04.000\nx", "orphan", f"{CUE} no\ny", "00:09.000 --> 00:03.000")

    assert [line for line, _sentence in faults(content)] == [3, 6, 8, 11, 11]


@pytest.mark.parametrize("wrong", ["\x01\n", "-->\n", "x\n\n"])
def test_file_that_is_wrong_throughout_is_not_read_to_its_end(wrong):
    content = vtt(wrong * 5000, ONE_CUE)

    assert len(faults(content)) == MAX_FAULTS


def test_sentences_can_be_translated():
    content = vtt("00:01,000 --> 00:04.000\nx")

    with pytest.raises(CaptionsRefused) as refusal:
        read_captions(content)

    (fault,) = refusal.value.faults
    assert fault.template % fault.figures == str(fault)
    assert "00:01,000" not in fault.template


# --- What is written ----------------------------------------------------------------------------


def test_written_captions_are_plain_webvtt():
    cues = [
        PlainCue(1.0, 4.5, "Arms & legs\n<both> --> up", "Marit & Tomás", "line:0"),
        PlainCue(3723.004, 3725.0, "Breathe."),
    ]

    assert write_captions(cues) == (
        "WEBVTT\n\n"
        "00:00:01.000 --> 00:00:04.500 line:0\n"
        "<v Marit &amp; Tomás>Arms &amp; legs\n&lt;both&gt; --&gt; up\n\n"
        "01:02:03.004 --> 01:02:05.000\n"
        "Breathe.\n"
    )


def test_timestamps_round_to_the_thousandth():
    assert timestamp(59.9996) == "00:01:00.000"
    assert timestamp(360_000) == "100:00:00.000"


# What a cue may say: anything but characters that mean nothing in captions.
_characters = st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"])
_words = st.lists(st.text(_characters, min_size=1), min_size=1, max_size=4).map(" ".join)
_texts = st.lists(_words, min_size=1, max_size=3).map("\n".join)
_speakers = st.just("") | _words.filter(lambda name: len(name) <= 80)


@st.composite
def _cue_lists(draw):
    starts = sorted(draw(st.lists(st.integers(0, 14_400_000), min_size=1, max_size=5)))
    return tuple(
        PlainCue(
            start / 1000,
            (start + draw(st.integers(1, 60_000))) / 1000,
            draw(_texts),
            draw(_speakers),
            draw(st.sampled_from(["", "line:0", "position:5% align:start"])),
        )
        for start in starts
    )


@given(_cue_lists())
@example((PlainCue(0.0, 1.0, "{\\an8} and {\\ }"),))
def test_what_is_written_reads_back_the_same(cues):
    written = write_captions(cues)

    assert read_captions(written.encode()) == cues
    assert write_captions(read_captions(written.encode())) == written


_pieces = st.sampled_from(
    ["\n", "\n\n", "WEBVTT", CUE, "-->", "<v A>", "<i>", "</v>", "&lt;", "&#13;", "NOTE", " ", "x"]
)


@given(st.lists(_pieces | st.text(max_size=3), max_size=30).map("".join))
def test_any_file_is_refused_with_lines_of_its_own_or_settles_at_once(soup):
    content = b"WEBVTT\n\n" + soup.encode("utf-8", "replace")
    try:
        cues = read_captions(content)
    except CaptionsRefused as refusal:
        last = len(re.split(rb"\r\n?|\n", content))
        assert all(0 <= fault.line <= last for fault in refusal.faults)
    else:
        assert read_captions(write_captions(cues).encode()) == cues


# --- Rows ---------------------------------------------------------------------------------------


@pytest.fixture
def variant(db):
    return make_class().variants.get()


def test_captions_are_stored_with_their_cues(variant):
    cues = read_captions(vtt("00:01.500 --> 00:04.000\n<v Marit>Up.", "00:05.000 --> 00:06.000\nx"))

    captions, is_new = Captions.objects.store(variant, "en", cues, original_name="film.srt")

    assert is_new
    assert captions.text == write_captions(cues)
    assert captions.original_name == "film.srt"
    assert list(captions.cues.values_list("start", "end", "speaker", "text")) == [
        (1.5, 4.0, "Marit", "Up."),
        (5.0, 6.0, "", "x"),
    ]


def test_captions_stored_again_replace_those_of_the_same_language(variant):
    before, _is_new = Captions.objects.store(variant, "en", [PlainCue(1, 2, "old")])
    Captions.objects.store(variant, "es", [PlainCue(1, 2, "viejo")])

    after, is_new = Captions.objects.store(variant, "en", [PlainCue(3, 4, "new")])

    assert not is_new
    assert after == before
    assert sorted(Cue.objects.values_list("text", flat=True)) == ["new", "viejo"]
    assert after.updated_at > before.updated_at


def test_captions_that_cannot_be_stored_whole_leave_the_old_ones(variant):
    Captions.objects.store(variant, "en", [PlainCue(1, 2, "old")])

    with pytest.raises(TypeError):
        Captions.objects.store(variant, "en", [PlainCue(3, 4, "new"), PlainCue(None, 6, "half")])

    captions = Captions.objects.get()
    assert "old" in captions.text
    assert [cue.text for cue in captions.cues.all()] == ["old"]


def test_thousands_of_cues_cost_few_queries(variant, django_assert_max_num_queries):
    cues = [PlainCue(second, second + 1, "x") for second in range(4000)]

    with django_assert_max_num_queries(40):  # SQLite takes some 160 rows at once
        Captions.objects.store(variant, "en", cues)

    assert Cue.objects.count() == 4000
