"""What has changed in the catalogue, and in what order. Written by database triggers only.

Which tables they watch, and who reads this: `classes.catalogue.changes`.
"""

from django.db import models


class CatalogueVersion(models.Model):
    """The row that says which version the catalogue is at, and one that leaves comments out of it.

    The second is raised by all changes but those of how much is said under a class: what shows no
    such number asks for it and outlives every comment.

    `stamp` is drawn anew with every version. A transaction that is rolled back gives its number
    back, and the next one takes it for something else: the stamp tells the two apart.
    """

    WHOLE = 1  # the ids of the rows
    SUBSTANCE = 2

    number = models.PositiveBigIntegerField()
    stamp = models.BigIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.number)


class CatalogueChange(models.Model):
    """One class that a version changed, or with no class something that concerns them all."""

    version = models.PositiveBigIntegerField(db_index=True)
    stamp = models.BigIntegerField()
    # No foreign key: a class that was deleted has changed as well.
    workout_class_id = models.BigIntegerField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.version}: {self.workout_class_id or 'all'}"
