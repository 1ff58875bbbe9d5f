"""What curators may do about what is said."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("comments", "0003_conversation")]

    operations: list = []
