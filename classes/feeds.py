"""The Atom feed of new classes."""

import re
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from classes.catalogue import Choices, page
from classes.catalogue.cards import Card, cards_for_hits
from classes.markdown import render_markdown
from classes.structured_data import absolute

# What no XML document may hold, not even escaped: a single vertical tab, pasted from a slide, would
# take the whole feed away.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _as_xml(text: str) -> str:
    return _NOT_XML.sub(" ", text)


class NewClassesFeed(Feed):
    """The newest page of the catalogue. Addresses come from SITE_URL, never from the Host."""

    feed_type = Atom1Feed

    def title(self) -> str:
        return _("New classes at %(studio)s") % {"studio": settings.STUDIO_NAME}

    def link(self) -> str:
        return absolute(reverse("classes:list"))

    def feed_url(self) -> str:
        return absolute(reverse("classes:feed"))

    def items(self) -> list[Card]:
        return cards_for_hits(page(Choices(), 1), with_description=True)

    def item_guid(self, card: Card) -> str:
        """Stays when the class gets another address (RFC 4151)."""
        host = urlsplit(settings.SITE_URL).hostname
        created = card.workout_class.created_at
        return f"tag:{host},{created:%Y-%m-%d}:class/{card.workout_class.pk}"

    def item_title(self, card: Card) -> str:
        return _as_xml(card.workout_class.title)

    def item_description(self, card: Card) -> str:
        return _as_xml(render_markdown(card.workout_class.description))

    def item_link(self, card: Card) -> str:
        return absolute(card.workout_class.get_absolute_url())

    def item_author_name(self, card: Card) -> str:
        people = card.workout_class.instructors.all()
        return _as_xml(", ".join(person.name for person in people))

    def item_pubdate(self, card: Card) -> datetime | None:
        return card.workout_class.published_at

    def item_updateddate(self, card: Card) -> datetime:
        """Never before it was published: a scheduled class was finished earlier."""
        changed, published = card.workout_class.updated_at, card.workout_class.published_at
        return max(changed, published) if published else changed

    def item_categories(self, card: Card) -> list[str]:
        return [_as_xml(tag.label) for tag in card.focus_tags]
