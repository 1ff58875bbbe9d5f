"""The demo's captions: right by our own rules, and stored once."""

from itertools import pairwise

import pytest

from classes.captioning.webvtt import PlainCue, read_captions, write_captions
from classes.demo.captions import FOLDER, load_captions
from classes.demo.studio import read_studio
from classes.models import Captions
from tests.factories import make_class, make_variant

FILES = sorted(FOLDER.glob("*.vtt"))
SLUGS = sorted({path.name.split(".")[0] for path in FILES})


def test_three_classes_have_captions_in_two_languages():
    assert len(SLUGS) == 3
    assert [path.name for path in FILES] == [
        f"{slug}.{language}.vtt" for slug in SLUGS for language in ("en", "es")
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_captions_are_written_as_the_site_writes_them_and_fit_their_films(path):
    slug = path.name.split(".")[0]
    (demo,) = (each for each in read_studio().classes if each.slug == slug)
    films = [film for film in demo.variants if film.tempo == "workout-tempo"]
    shortest = min(60 * film.minutes if film.minutes else film.seconds for film in films)

    cues = read_captions(path.read_bytes(), film_seconds=shortest)

    assert write_captions(cues) == path.read_text("utf-8")
    assert all(cue.end <= later.start for cue, later in pairwise(cues))


@pytest.mark.parametrize("slug", SLUGS)
def test_languages_of_a_class_agree_cue_by_cue(slug):
    english, spanish = (
        read_captions((FOLDER / f"{slug}.{language}.vtt").read_bytes()) for language in ("en", "es")
    )

    assert [(cue.start, cue.end) for cue in english] == [(cue.start, cue.end) for cue in spanish]
    assert all(one.text != other.text for one, other in zip(english, spanish, strict=True))


@pytest.mark.django_db
def test_captions_are_stored_for_every_film_at_workout_tempo():
    workout_class = make_class(slug=SLUGS[0])
    make_variant(workout_class, language="pt-BR", ready=False)
    make_variant(workout_class, tempo="observe-and-learn")
    make_class(slug="another")

    assert load_captions() == 4

    films = {(each.variant.tempo, each.variant.language) for each in Captions.objects.all()}
    assert films == {("workout-tempo", "en"), ("workout-tempo", "pt-BR")}
    assert {each.language for each in Captions.objects.all()} == {"en", "es"}


@pytest.mark.django_db
def test_captions_that_are_there_stay():
    variant = make_class(slug=SLUGS[0]).variants.get()
    Captions.objects.store(variant, "fr", [PlainCue(1, 2, "Debout.")])

    assert load_captions() == 0

    assert Captions.objects.get().language == "fr"
