from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("classes", "0008_watch_the_catalogue")]

    operations: list = []
