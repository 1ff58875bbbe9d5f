"""What the words of a search are looked up in. Made from other rows by `classes.search`."""

from django.db import models


class SearchDocument(models.Model):
    """All the words of one class, parted by blanks, in the order of their weight."""

    workout_class = models.OneToOneField(
        "classes.WorkoutClass",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="search_document",
    )
    title = models.TextField()
    names = models.TextField()  # instructors, exercises with their aliases, titles of chapters
    tags = models.TextField()  # focus tags that are vouched for, in every language
    description = models.TextField()  # and the notes of chapters
    said = models.TextField()  # captions, each word once

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
    texts = models.JSONField(default=dict)  # the same in other languages, as a term's names
    words = models.TextField()  # of all of these, folded, with a blank before and after each

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.text


class SearchWord(models.Model):
    """A word of some document, for who spells it otherwise. It may have gone from there since."""

    word = models.CharField(max_length=40, unique=True)  # in small letters
    folded = models.CharField(max_length=40, db_index=True)  # without its accents

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.word


class SearchState(models.Model):
    """The one row that says of which version of the catalogue the documents are."""

    number = models.PositiveBigIntegerField()
    stamp = models.BigIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.number)
