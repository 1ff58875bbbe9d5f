"""What has changed in the catalogue, and in what order. Written by database triggers only.

Which tables they watch, and who reads this: `classes.catalogue.changes`.
"""

from django.db import models


class CatalogueVersion(models.Model):
    """The one row that says which version the catalogue is at.

    `stamp` is drawn anew with every version. A transaction that is rolled back gives its number
    back, and the next one takes it for something else: the stamp tells the two apart.
    """

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
