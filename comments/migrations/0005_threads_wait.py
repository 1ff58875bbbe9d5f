"""Which threads wait for an answer, of those that are there already."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("comments", "0004_curators_decide")]

    operations: list = []
