"""What crawlers may read: the map of the site and the rules for robots."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.caching import public_for_visitors
from classes.body.vouching import vouched_taggings
from classes.exercises import occurring
from classes.models import FocusTag, Instructor, Variant, WorkoutClass
from classes.structured_data import absolute


@dataclass(frozen=True)
class Place:
    """A page by what `reverse` needs: a site of many is counted without building addresses."""

    view: str
    args: tuple[str, ...] = ()
    changed_at: datetime | None = None


class SiteMap(Sitemap):
    """Every canonical address that may be listed, from SITE_URL. Five queries."""

    # What the format allows in one file; a larger site has `?p=2`, which robots.txt names too.
    limit = 50_000

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site=None) -> str:
        return urlsplit(settings.SITE_URL).netloc

    def items(self) -> list[Place]:
        return [
            *landing_pages(),
            *classes(),
            *other_films(),
            *focuses(),
            *exercises(),
            *people(),
        ]

    def location(self, item: Place) -> str:
        return reverse(item.view, args=item.args)

    def lastmod(self, item: Place) -> datetime | None:
        return item.changed_at


def landing_pages() -> Iterator[Place]:
    for name in ("home", "classes:list", "classes:exercises", "classes:instructors"):
        yield Place(name)


def classes() -> Iterator[Place]:
    rows = WorkoutClass.objects.listed().values_list("slug", "updated_at")
    for slug, updated_at in rows.iterator():
        yield Place("classes:detail", (slug,), updated_at)


def other_films() -> Iterator[Place]:
    """Variants but the first, whose canonical address is that of the class."""
    rank = Window(RowNumber(), partition_by=F("workout_class_id"), order_by=Variant.by_preference())
    rows = (
        Variant.objects.ready()
        .filter(workout_class__in=WorkoutClass.objects.listed().order_by())
        .annotate(rank=rank)
        .filter(rank__gt=1)
        .order_by("workout_class_id", "rank")
        .values_list("workout_class__slug", "tempo", "language", "workout_class__updated_at")
    )
    for slug, tempo, language, updated_at in rows.iterator():
        yield Place("classes:variant", (slug, tempo, language), updated_at)


def focuses() -> Iterator[Place]:
    """Those under which there is a class for which somebody vouches."""
    listed = vouched_taggings().filter(workoutclass__in=WorkoutClass.objects.listed().order_by())
    tags = FocusTag.objects.filter(pk__in=listed.values("focustag_id"))
    for slug in tags.values_list("slug", flat=True):
        yield Place("classes:focus", (slug,))


def exercises() -> Iterator[Place]:
    """Those that some class which is out has."""
    for slug in occurring().values_list("slug", flat=True):
        yield Place("classes:exercise", (slug,))


def people() -> Iterator[Place]:
    for slug in Instructor.objects.values_list("slug", flat=True):
        yield Place("classes:instructor", (slug,))


@public_for_visitors
@require_safe
def site_map(request: HttpRequest) -> HttpResponse:
    return sitemap(request, {"all": SiteMap}).render()


PRIVATE = ("/accounts/", "/admin/", "/comments/", "/desk/", "/my/", "/v/")


@public_for_visitors
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Filtered states of the catalogue are not forbidden: to be left out they must be read."""
    address = absolute(reverse("sitemap"))
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE), ""]
    for number in range(1, SiteMap().paginator.num_pages + 1):
        lines.append(f"Sitemap: {address}" + (f"?p={number}" if number > 1 else ""))
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
