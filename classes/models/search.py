"""What the words of a search are looked up in. Made from other rows by `classes.search`."""

from django.db import models


class SearchDocument(models.Model):
    """All the text of one class, in the order of its weight."""

    workout_class = models.OneToOneField(
        "classes.WorkoutClass",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="search_document",
    )
    title = models.TextField()
    names = models.TextField()  # instructors, exercises with their aliases, titles of chapters
    tags = models.TextField()  # focus tags that are vouched for, in every language
    description = models.TextField()
    said = models.TextField()  # captions

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.title


class SearchMoment(models.Model):
    """A chapter or a cue: something that happens at one second of one film."""

    class Kind(models.TextChoices):
        CHAPTER = "chapter"
        CUE = "cue"

    workout_class = models.ForeignKey(
        "classes.WorkoutClass", on_delete=models.CASCADE, related_name="search_moments"
    )
    variant = models.ForeignKey(
        "classes.Variant", on_delete=models.CASCADE, related_name="search_moments"
    )
    kind = models.CharField(max_length=8, choices=Kind)
    second = models.PositiveIntegerField()  # from the film's beginning
    language = models.CharField(max_length=12)  # of the text, BCP 47
    text = models.TextField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.text
