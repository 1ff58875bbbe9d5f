"""What the studio's vocabulary has in common: a name in several languages, an address, an order."""

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def in_reader_language(text: str, translations: dict[str, str]) -> str:
    """The translation for the active language, by whole tag and then by its primary subtag.

    Falls back to `text`, which is in the studio's language.
    """
    language = get_language() or settings.STUDIO_LANGUAGE
    return translations.get(language) or translations.get(language.split("-")[0]) or text


class Term(models.Model):
    """A word of the studio's vocabulary. Addresses never change with the language."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    names = models.JSONField(_("names in other languages"), default=dict, blank=True)
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        abstract = True
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language, else in the studio's."""
        return in_reader_language(self.name, self.names)
