"""Addresses are promises: a page that moved is still found under its former slug."""

from typing import Any

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _


class FormerSlug(models.Model):
    """A slug that a page once had. It is never given to another page of its kind."""

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    page = GenericForeignKey("content_type", "object_id")
    slug = models.SlugField(max_length=100)

    class Meta:
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")
        constraints = [
            models.UniqueConstraint(fields=["content_type", "slug"], name="former_slug_used_once"),
        ]

    def __str__(self) -> str:
        return self.slug


class Addressed(models.Model):
    """A page with an address of its own: it can move, and what points to the old place follows.

    Each kind of page has its own `slug`, which is why the type checker does not see it here.
    """

    former_slugs = GenericRelation(FormerSlug)

    class Meta:
        abstract = True

    @transaction.atomic
    def move_to(self, slug: str) -> None:
        """Change the slug and remember the old one. Saves only the slug.

        The caller has made sure, with `is_slug_free`, that nobody else has or had it.
        """
        old = type(self)._default_manager.values_list("slug", flat=True).get(pk=self.pk)  # type: ignore[misc]
        self.slug = slug
        if old == slug:
            return
        self.former_slugs.filter(slug=slug).delete()  # coming home
        self.former_slugs.create(slug=old)
        self.save(update_fields=["slug"])  # type: ignore[misc]

    @classmethod
    def is_slug_free(cls, slug: str, *, besides: Any = None) -> bool:
        """Whether no page of this kind other than `besides` (a pk) has or had the slug."""
        here = cls._default_manager.exclude(pk=besides).filter(slug=slug)  # type: ignore[misc]
        former = FormerSlug.objects.filter(
            content_type=ContentType.objects.get_for_model(cls), slug=slug
        ).exclude(object_id=besides or 0)
        return not here.exists() and not former.exists()

    @classmethod
    def moved_from(cls, slug: str) -> Any:
        """The page that once had this slug, or None. The caller decides who may see it."""
        former = FormerSlug.objects.filter(
            content_type=ContentType.objects.get_for_model(cls), slug=slug
        ).first()
        return cls._default_manager.filter(pk=former.object_id).first() if former else None
