"""Times in a film that comments speak of."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments import time_codes
from comments.models import Comment, TimeCode
from comments.moving import moving
from comments.text import find_addresses
from comments.time_codes import Said
from tests.factories import make_class, make_comment, make_variant


def times_in(text: str) -> list[tuple[str, int]]:
    return [(text[start:end], second) for start, end, second in time_codes.find(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("At 12:34 my neck hurts.", [("12:34", 754)]),
        ("0:07", [("0:07", 7)]),
        ("(1:02:03)", [("1:02:03", 3723)]),
        (
            "from 2:10-3:00, then 4:00–5:30",
            [("2:10", 130), ("3:00", 180), ("4:00", 240), ("5:30", 330)],
        ),
        ("1:05,2:10;3:15", [("1:05", 65), ("2:10", 130), ("3:15", 195)]),
        ("75:10 is far in", [("75:10", 4510)]),
        ("en el minuto 12:34", [("12:34", 754)]),
        ("At 5:10 am I meant to lift?", [("5:10", 310)]),
        ("à 12:34 cet exercice, à 5:10 et après", [("12:34", 754), ("5:10", 310)]),
        ("عند ١٢:٣٤ رقبتي", [("١٢:٣٤", 754)]),
    ],
)
def test_time_of_the_film_is_found(text, found):
    assert times_in(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "12:345",
        "3:1",
        "16:9",
        "12:60",
        "1:75:10",
        "1:2:03",
        "1:02:03:04",
        "v1.12:34",
        "12:34.5 seconds",
        "12:34,5 seconds",
        "a12:34",
        "12:34b",
        "1234:56",
        "2:10/3:20",
    ],
)
def test_what_is_no_time_is_not_found(text):
    assert times_in(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "6:30 am",
        "6:30am",
        "7:15 p.m.",
        "7:15 PM",
        "6:30 o'clock",
        "18:30 Uhr",
        "18:30 h",
        "9:00 CET",
        "a las 7:30",
    ],
)
def test_time_of_day_is_not_found(text):
    assert times_in(f"I do it {text}, before breakfast") == []


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/12:34",
        "http://example.org:10:20/",
        "/classes/?q=(12:34)",
        "https://x.org/?t=1:02",
    ],
)
def test_time_in_an_address_belongs_to_it(address):
    assert times_in(f"see {address} and 3:20") == [("3:20", 200)]


@given(st.text(alphabet="012345:./ hatps,-aml\n", max_size=60))
def test_times_stand_in_order_apart_from_each_other_and_from_addresses(text):
    taken = [
        (start, start + len(address)) for start, address in find_addresses(text) if "://" in address
    ]
    end_of_last = 0
    for start, end, second in time_codes.find(text):
        assert end_of_last <= start < end
        assert second >= 0
        assert not any(start < after and before < end for before, after in taken)
        end_of_last = end


@pytest.mark.django_db
class TestKeeping:
    def seconds_of(self, comment: Comment) -> list[int]:
        return sorted(comment.time_codes.values_list("second", flat=True))

    def make(self, body: str, **attrs) -> Comment:
        workout_class = make_class()
        variant = workout_class.variants.get()
        return make_comment(workout_class, variant=variant, body=body, **attrs)

    def test_each_moment_is_kept_once(self):
        comment = self.make("At 1:00 and 2:00, and 1:00 again")

        time_codes.keep(comment)
        time_codes.keep(comment)

        assert self.seconds_of(comment) == [60, 120]

    def test_edit_keeps_what_the_text_says_now(self):
        comment = self.make("At 1:00 and 2:00")
        time_codes.keep(comment)

        comment.body = "At 2:00 and 3:00"
        time_codes.keep(comment)

        assert self.seconds_of(comment) == [120, 180]

    def test_two_statements_keep_them(self, django_assert_num_queries):
        pk = self.make("At 1:00 and 2:00").pk
        comment = Comment.objects.select_related("variant__video").get(pk=pk)

        with django_assert_num_queries(2):  # what is gone, what is there
            time_codes.keep(comment)

    def test_moment_past_the_end_of_the_film_is_none(self):
        comment = self.make("At 19:59 and 20:00 and 25:00")  # of twenty minutes

        time_codes.keep(comment)

        assert self.seconds_of(comment) == [19 * 60 + 59]

    def test_moment_of_a_film_that_is_still_being_made_is_kept(self):
        workout_class = make_class(variant=False)
        variant = make_variant(workout_class, ready=False)
        comment = make_comment(workout_class, variant=variant, body="At 25:00")

        time_codes.keep(comment)

        assert self.seconds_of(comment) == [1500]
        spoken_of = moving(workout_class.pk, variant.pk).spoken_of
        assert time_codes.said_in_chapters(variant, [0], spoken_of) == {}

    def test_written_under_no_film_a_time_is_words(self):
        comment = make_comment(make_class(), body="At 1:00")

        time_codes.keep(comment)

        assert self.seconds_of(comment) == []

    def test_another_film_of_a_comment_takes_its_moments_along(self):
        comment = self.make("At 1:00")
        time_codes.keep(comment)

        comment.variant = make_variant(comment.workout_class, language="es")
        time_codes.keep(comment)

        assert [code.variant for code in comment.time_codes.all()] == [comment.variant]

    def test_a_text_of_nothing_else_leads_to_the_first_sixty(self):
        comment = self.make(" ".join(f"{number // 60}:{number % 60:02}" for number in range(200)))

        time_codes.keep(comment)

        assert self.seconds_of(comment) == list(range(60))

    def test_many_are_kept_in_one_statement(self, django_assert_num_queries):
        pks = [self.make("At 1:00 and 2:00").pk for _ in range(3)]
        comments = list(Comment.objects.filter(pk__in=pks).select_related("variant__video"))

        with django_assert_num_queries(1):
            time_codes.keep_all(comments)

        assert TimeCode.objects.count() == 6


@pytest.mark.django_db
class TestMarks:
    def test_published_comments_stand_by_second(self):
        workout_class = make_class()
        variant = workout_class.variants.get()
        other = make_variant(workout_class, language="es")
        first, second = (
            make_comment(workout_class, variant=variant, body=body)
            for body in ("1:00 2:00", "2:00")
        )
        elsewhere = make_comment(workout_class, variant=other, body="1:00")
        held = make_comment(workout_class, variant=variant, body="1:00", state=Comment.State.HELD)
        time_codes.keep_all([first, second, elsewhere, held])

        spoken_of = moving(workout_class.pk, variant.pk).spoken_of
        assert spoken_of == {60: [first.pk], 120: [first.pk, second.pk]}

    def test_what_is_said_belongs_to_the_chapter_before_it(self):
        workout_class = make_class()
        variant = workout_class.variants.get()
        late, early, before = (
            make_comment(workout_class, variant=variant, body=body)
            for body in ("2:30 and 2:40", "1:01 and 2:10", "0:05")
        )
        time_codes.keep_all([late, early, before])

        spoken_of = moving(workout_class.pk, variant.pk).spoken_of
        said = time_codes.said_in_chapters(variant, [120, 30, 300], spoken_of)

        assert said == {30: Said(1, early.pk), 120: Said(2, early.pk)}

    def test_what_lies_past_a_shorter_film_is_said_of_no_chapter(self, django_assert_num_queries):
        workout_class = make_class()
        variant = workout_class.variants.get()
        time_codes.keep_all([make_comment(workout_class, variant=variant, body="15:00")])
        variant.video.duration = timedelta(minutes=10)  # of the film that plays now

        with django_assert_num_queries(1):
            spoken_of = moving(workout_class.pk, variant.pk).spoken_of
            assert time_codes.said_in_chapters(variant, [0], spoken_of) == {}
