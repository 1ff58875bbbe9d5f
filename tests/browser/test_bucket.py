"""Films that a browser is sent to a bucket for, on another origin than the site's."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from classes.models import Variant
from classes.video.layout import LADDER_FOLDER, PREVIEW
from classes.video.stores import film_store
from tests.browser.films import put_ladder
from tests.browser.visits import DESK, REACHES, reaches_without_promises, sign_in
from tests.bucket import Bucket, running_bucket, use


@pytest.fixture(scope="module")
def server() -> Iterator[Bucket]:
    with running_bucket() as server:
        yield server


@pytest.fixture
def bucket(server, settings, monkeypatch) -> str:
    """The address of the bucket, which pages may play from."""
    use(server, settings, monkeypatch)
    bucket = f"{settings.S3_ENDPOINT_URL}/{settings.S3_BUCKET}/"
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.CONTENT_SECURITY_POLICY = {
        "DIRECTIVES": {
            **directives,
            **{
                name: [*directives[name], bucket]
                for name in ("img-src", "media-src", "connect-src")
            },
        }
    }
    return bucket


@pytest.fixture
def variant(studio, bucket, settings) -> Variant:
    variant = studio.back_class.first_variant
    put_ladder(variant, settings.FILMS_ROOT)
    folder = settings.FILMS_ROOT / str(variant.video_id)
    film_store().put_folder(folder / LADDER_FOLDER, f"{variant.video_id}/{LADDER_FOLDER}")
    film_store().put_file(folder / PREVIEW, f"{variant.video_id}/{PREVIEW}")
    return variant


def plays_from(page: Page, bucket: str, address: str) -> set[str]:
    """Plays what is on a page; the files that the bucket was asked for."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    video = page.locator("video")
    video.evaluate("video => { video.muted = true }")
    page.locator("video").click()
    video.evaluate(REACHES, 0.5)
    links = [url for url in asked if url.startswith(bucket)]
    assert all("X-Amz-Expires" in link for link in links)
    return {link.partition("?")[0].rpartition("/")[2] for link in links}


def test_member_watches_a_film_from_the_bucket(new_context, live_server, studio, variant, bucket):
    page = new_context(base_url=live_server.url, viewport=DESK).new_page()
    sign_in(page, studio.member.email)

    asked = plays_from(page, bucket, studio.back_class.get_absolute_url())

    assert asked and asked <= {"480p.mp4", "240p.mp4", "film.mp4"}


@pytest.mark.parametrize("javascript", [False, True])
def test_browser_plays_sizes_from_the_bucket_by_itself(
    new_context, live_server, studio, variant, bucket, settings, javascript
):
    settings.VENDORED_FILES = {}  # and no hls.js
    page = new_context(
        base_url=live_server.url, viewport=DESK, java_script_enabled=javascript
    ).new_page()
    sign_in(page, studio.member.email)
    page.goto(studio.back_class.get_absolute_url())
    video = page.locator("video")

    video.evaluate("video => { video.muted = true; video.play(); }")

    assert reaches_without_promises(page, 0.5)
    assert video.evaluate("video => video.currentSrc").endswith("/master.m3u8")


def test_visitor_watches_the_preview_from_the_bucket(
    new_context, live_server, studio, variant, bucket
):
    page = new_context(base_url=live_server.url, viewport=DESK).new_page()

    asked = plays_from(page, bucket, studio.back_class.get_absolute_url())

    assert asked == {"preview.mp4"}


def test_pictures_along_the_line_come_from_the_bucket(
    new_context, live_server, studio, variant, bucket
):
    page = new_context(base_url=live_server.url, viewport=DESK).new_page()
    sign_in(page, studio.member.email)
    page.goto(studio.back_class.get_absolute_url())
    page.get_by_role("button", name="Play", exact=True).click()

    with page.expect_response(
        lambda answer: answer.url.startswith(bucket) and ".jpg" in answer.url
    ):
        page.get_by_role("slider", name="Place in the film").hover()
