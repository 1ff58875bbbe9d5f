from django.utils import translation

from classes.video.errors import FilmRefused


def test_a_refusal_is_a_sentence_that_can_be_translated():
    refusal = FilmRefused("It has %(streams)d streams.", streams=40)

    assert str(refusal) == refusal.in_words() == "It has 40 streams."
    assert (refusal.template, refusal.figures) == ("It has %(streams)d streams.", {"streams": 40})


def test_a_refusal_is_said_in_the_language_that_is_active():
    refusal = FilmRefused("This file has no moving picture in it, so it is not a film.")

    with translation.override("es"):
        said = refusal.in_words()

    assert said == "En este archivo no hay imagen en movimiento, así que no es un vídeo."


def test_a_template_without_figures_is_the_sentence():
    assert str(FilmRefused("100 % of it is damaged.")) == "100 % of it is damaged."
