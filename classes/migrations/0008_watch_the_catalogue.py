"""From here on the tables stand that the catalogue's triggers watch and write.

The triggers themselves are made after every migrate, as `classes.triggers` says.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("classes", "0007_ticks_of_before")]

    operations: list = []
