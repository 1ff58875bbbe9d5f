"""Captions as curators bring them in, replace them and take them away."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from classes.captioning.webvtt import MAX_BYTES, PlainCue
from classes.models import Captions
from tests.factories import make_class, make_member, make_variant, make_video

from .conftest import messages_of

GOOD = b"WEBVTT\n\n00:01.000 --> 00:04.000\n<v Marit>Lie on your back.\n"


@pytest.fixture
def variant(db):
    return make_class(title="Morning", slug="morning").variants.get()


def page(variant):
    return reverse("admin:classes_captions", args=[variant.pk])


def delete_page(variant, language):
    return reverse("admin:classes_captions_delete", args=[variant.pk, language])


def bring(desk, variant, content=GOOD, *, language="en", name="film.vtt"):
    upload = SimpleUploadedFile(name, content, "text/vtt")
    return desk.post(page(variant), {"language": language, "file": upload}, follow=True)


def errors_of(response, field="file"):
    return response.context["form"].errors[field]


# --- Bringing in --------------------------------------------------------------------------------


def test_captions_are_brought_in(desk, variant):
    response = bring(desk, variant)

    assert "The captions in English are in, with 1 cue." in messages_of(response)
    captions = variant.captions.get()
    assert (captions.language, captions.original_name) == ("en", "film.vtt")
    assert captions.text == (
        "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n<v Marit>Lie on your back.\n"
    )
    assert captions.cues.get().speaker == "Marit"


def test_subrip_is_kept_as_webvtt(desk, variant):
    bring(desk, variant, b"1\n00:00:01,000 --> 00:00:04,000\nUp.\n", name="film.srt")

    assert variant.captions.get().text.startswith("WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nUp.")


def test_language_is_kept_in_its_canonical_form(desk, variant):
    bring(desk, variant, language="PT-br")
    bring(desk, variant, language="pt-BR")

    assert [captions.language for captions in variant.captions.all()] == ["pt-BR"]


def test_every_language_has_captions_of_its_own(desk, variant):
    bring(desk, variant, language="en")

    response = bring(desk, variant, language="es")

    assert [each.language for each in variant.captions.all()] == ["en", "es"]
    shown = response.content.decode()
    assert "English" in shown
    assert "Spanish" in shown


def test_captions_are_replaced(desk, variant):
    bring(desk, variant)

    response = bring(desk, variant, GOOD.replace(b"back", b"side"))

    assert "with 1 cue" in messages_of(response)
    assert variant.captions.get().cues.get().text == "Lie on your side."


def test_class_tells_who_did_what_with_its_captions(desk, curator, variant):
    bring(desk, variant)
    bring(desk, variant)
    desk.post(delete_page(variant, "en"))

    said = [entry.change_message for entry in LogEntry.objects.order_by("pk")]
    assert said == [
        "Captions in English were brought in: Workout Tempo · en",
        "Captions in English were replaced: Workout Tempo · en",
        "Captions in English were deleted: Workout Tempo · en",
    ]
    assert {entry.user for entry in LogEntry.objects.all()} == {curator}
    history = variant.workout_class.history.all()
    assert [line.history_change_reason for line in history[:3]] == said[::-1]
    assert history[0].history_user == curator


# --- What is refused ----------------------------------------------------------------------------


def test_every_fault_is_said_with_its_line_and_the_old_captions_stay(desk, variant):
    bring(desk, variant)

    response = bring(
        desk, variant, b"WEBVTT\n\n00:01,000 --> 00:04.000\nx\n\norphan\n", name="new.vtt"
    )

    assert errors_of(response) == [
        "Line 3: “00:01,000” is no time. Write it like “00:01.000”.",
        "Line 6: These words have no time. Expected is a line like “00:01.000 --> 00:04.000” "
        "above them.",
    ]
    assert variant.captions.get().cues.get().text == "Lie on your back."
    assert LogEntry.objects.count() == 1


def test_faults_of_a_hopeless_file_are_counted_not_listed(desk, variant):
    response = bring(desk, variant, b"WEBVTT\n\n" + b"0:01 --> 0:02\nx\n\n" * 100)

    said = errors_of(response)
    assert len(said) == 21
    assert said[-1] == "And 180 more like these."


def test_faults_are_said_in_the_language_of_the_curator(desk, variant, monkeypatch):
    for module in ("classes.captioning.webvtt", "classes.admin.captions"):
        monkeypatch.setattr(f"{module}.gettext", lambda text: f"¡{text}!")

    response = bring(desk, variant, b"WEBVTT\n\n00:01,000 --> 00:04.000\nx\n")

    assert errors_of(response) == ["¡Line 3: ¡“00:01,000” is no time. Write it like “00:01.000”.!!"]


def test_cues_must_fit_into_the_film(desk, variant):
    response = bring(desk, variant, b"WEBVTT\n\n00:01.000 --> 20:01.100\nx\n")

    assert errors_of(response) == [
        "Line 3: This cue ends at 00:20:01.100, and the film at 00:20:00.000."
    ]


def test_cues_may_be_meant_for_a_longer_film_that_is_in_the_works(desk, variant):
    video = make_video(variant, state="processing", plays_as="")
    type(video).objects.filter(pk=video.pk).update(duration=2 * video.duration)

    bring(desk, variant, b"WEBVTT\n\n00:01.000 --> 20:01.100\nx\n")

    assert variant.captions.exists()


def test_captions_may_be_there_before_the_film(desk):
    variant = make_variant(make_class(variant=False), ready=False)

    bring(desk, variant, b"WEBVTT\n\n00:01.000 --> 20:01.100\nx\n")

    assert variant.captions.exists()


def test_file_that_is_too_large_is_refused_with_its_limit(desk, variant):
    response = bring(desk, variant, GOOD + b"a" * MAX_BYTES)

    assert "at most 2 MB" in errors_of(response)[0]


def test_file_is_asked_for(desk, variant):
    response = desk.post(page(variant), {"language": "en"})

    assert errors_of(response) == ["Choose a file."]


def test_file_that_was_stopped_on_its_way_in_says_why(desk, variant, monkeypatch):
    monkeypatch.setattr("classes.uploads.room_on_disk", lambda: 10)

    response = bring(desk, variant)

    assert "There is no room for this file" in errors_of(response)[0]
    assert "Choose a file." not in errors_of(response)


@pytest.mark.parametrize("language", ["english", "", "e", "en_US", "../en"])
def test_language_that_is_none_is_refused(desk, variant, language):
    response = bring(desk, variant, language=language)

    assert errors_of(response, "language")
    assert not Captions.objects.exists()


# --- Keeping and deleting -----------------------------------------------------------------------


def test_captions_are_downloaded_as_they_are_kept(desk, variant):
    bring(desk, variant, language="es")

    response = desk.get(reverse("admin:classes_captions_file", args=[variant.pk, "es"]))

    assert response.content.decode() == variant.captions.get().text
    assert response["Content-Type"] == "text/vtt; charset=utf-8"
    assert response["Content-Disposition"] == (
        'attachment; filename="morning.workout-tempo.en.es.vtt"'
    )


def test_captions_are_deleted_once_that_is_confirmed(desk, variant):
    bring(desk, variant)

    asked = desk.get(delete_page(variant, "en"))
    assert variant.captions.exists()
    done = desk.post(delete_page(variant, "en"), follow=True)

    assert "captions in English" in asked.content.decode()
    assert "The captions in English are deleted." in messages_of(done)
    assert not variant.captions.exists()


def test_deleting_twice_says_that_nothing_is_left_to_do(desk, variant):
    bring(desk, variant)
    desk.post(delete_page(variant, "en"))

    response = desk.post(delete_page(variant, "en"), follow=True)

    assert "deleted already" in messages_of(response)


def test_deleting_a_class_counts_its_cues_and_lists_none(desk):
    draft = make_class(state="draft", title="Cue: a class")
    cues = [PlainCue(1, 2, "Lie down."), PlainCue(2, 3, "Breathe.")]
    Captions.objects.store(draft.variants.get(), "en", cues)

    shown = desk.get(reverse("admin:classes_workoutclass_delete", args=[draft.pk]))

    page_text = shown.content.decode()
    assert "Cues: 2" in page_text
    assert "Captions: en" in page_text
    assert "Cue: a class" in page_text
    assert "Breathe." not in page_text


def test_page_leads_to_where_members_read_them(desk, variant):
    bring(desk, variant, language="es")

    shown = desk.get(page(variant)).content.decode()

    assert 'href="/classes/morning/?transcript=es#transcript"' in shown


@pytest.mark.parametrize("count", [1, 8])
def test_captions_page_query_count_is_constant(desk, variant, count, django_assert_num_queries):
    for number in range(count):
        Captions.objects.store(variant, f"e{'abcdefgh'[number]}", [PlainCue(1, 2, "x")])

    # session, member, two of rights, the variant, its class's variants, the captions
    with django_assert_num_queries(7):
        desk.get(page(variant))


# --- Who ----------------------------------------------------------------------------------------


def addresses(variant):
    return [
        page(variant),
        delete_page(variant, "en"),
        reverse("admin:classes_captions_file", args=[variant.pk, "en"]),
    ]


def test_curator_opens_every_page_of_captions(desk, variant):
    bring(desk, variant)

    for address in addresses(variant):
        response = desk.get(address)
        assert response.status_code == 200, address
        assert "style=" not in response.content.decode(), address


def test_staff_without_the_right_neither_see_nor_change_captions(client, variant):
    Captions.objects.store(variant, "en", [PlainCue(1, 2, "x")])
    client.force_login(make_member(is_staff=True))

    for address in addresses(variant):
        assert client.get(address).status_code == 403, address
        assert client.post(address).status_code in (403, 405), address

    assert variant.captions.exists()


def test_who_may_only_look_finds_no_form(client, variant):
    member = make_member(is_staff=True)
    member.user_permissions.add(Permission.objects.get(codename="view_captions"))
    client.force_login(member)

    assert 'type="file"' not in client.get(page(variant)).content.decode()
    assert bring(client, variant).status_code == 403


def test_members_are_sent_to_sign_in(client, variant):
    client.force_login(make_member())

    for address in addresses(variant):
        assert client.get(address).status_code == 302, address


def test_captions_of_no_variant_are_not_found(desk, variant):
    assert desk.get(reverse("admin:classes_captions", args=[variant.pk + 1])).status_code == 404
    assert (
        desk.get(reverse("admin:classes_captions_file", args=[variant.pk, "fr"])).status_code == 404
    )
