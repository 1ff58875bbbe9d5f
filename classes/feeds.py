"""The Atom feed of new classes."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from classes.catalogue import Choices, keeping
from classes.catalogue.cards import focus_labels, names_of
from classes.markdown import render_markdown
from classes.models import WorkoutClass
from classes.structured_data import absolute

# What no XML document may hold, not even escaped: a single vertical tab, pasted from a slide, would
# take the whole feed away.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_xml(text: str) -> str:
    """The text without what an XML document cannot say."""
    return _NOT_XML.sub(" ", text)


@dataclass(frozen=True)
class Entry:
    """A class as the feed tells of it. `focus` are labels of what is vouched for."""

    workout_class: WorkoutClass
    instructors: tuple[str, ...]
    focus: tuple[str, ...]


class NewClassesFeed(Feed):
    """The newest page of the catalogue. Addresses come from SITE_URL, never from the Host."""

    feed_type = Atom1Feed

    def title(self) -> str:
        return _("New classes at %(studio)s") % {"studio": settings.STUDIO_NAME}

    def link(self) -> str:
        return absolute(reverse("classes:list"))

    def feed_url(self) -> str:
        return absolute(reverse("classes:feed"))

    def items(self) -> list[Entry]:
        """Two queries; what a member avoids is no part of it, for readers fetch it without them."""
        catalogue = keeping.current()
        class_ids = [hit.class_id for hit in catalogue.page(Choices(), 1)]
        names = names_of(catalogue, class_ids)
        focus = focus_labels(catalogue)
        classes = WorkoutClass.objects.listed().in_bulk(class_ids)
        return [
            Entry(
                classes[pk],
                names[pk].instructors,
                tuple(focus[slug] for slug in names[pk].focus_tags if slug in focus),
            )
            for pk in class_ids
            if pk in classes
        ]

    def item_guid(self, entry: Entry) -> str:
        """Stays when the class gets another address (RFC 4151)."""
        host = urlsplit(settings.SITE_URL).hostname
        created = entry.workout_class.created_at
        return f"tag:{host},{created:%Y-%m-%d}:class/{entry.workout_class.pk}"

    def item_title(self, entry: Entry) -> str:
        return as_xml(entry.workout_class.title)

    def item_description(self, entry: Entry) -> str:
        return as_xml(render_markdown(entry.workout_class.description))

    def item_link(self, entry: Entry) -> str:
        return absolute(entry.workout_class.get_absolute_url())

    def item_author_name(self, entry: Entry) -> str:
        return as_xml(", ".join(entry.instructors))

    def item_pubdate(self, entry: Entry) -> datetime | None:
        return entry.workout_class.published_at

    def item_updateddate(self, entry: Entry) -> datetime:
        """Never before it was published: a scheduled class was finished earlier."""
        changed = entry.workout_class.updated_at
        published = entry.workout_class.published_at
        return max(changed, published) if published else changed

    def item_categories(self, entry: Entry) -> list[str]:
        return [as_xml(label) for label in entry.focus]
