"""The timelines of the demo's films: as they are written in `studio.json`, or spread evenly."""

from itertools import pairwise

from classes.body.timeline_text import BodyVocabulary, PlainChapter, film_seconds, read_timeline

from .studio import DemoClass, DemoVariant


def timeline_of(
    demo: DemoClass, film: DemoVariant, vocabulary: BodyVocabulary
) -> list[PlainChapter]:
    """What happens in a film of the demo, from its beginning to its end. No query.

    LookupError for an exercise that the studio does not have, TimelineFaults for a line that
    nobody can read.
    """
    if film.timeline is not None:
        return read_timeline("\n".join(film.timeline), vocabulary, duration=film.length)
    exercises = {exercise.slug: exercise for exercise in vocabulary.exercises.terms}
    length, count = film_seconds(film.length), len(demo.exercises)
    edges = [round(number * length / count) for number in range(count + 1)]
    return [
        PlainChapter(start, end, exercises[slug])
        for (start, end), slug in zip(pairwise(edges), demo.exercises, strict=True)
    ]
