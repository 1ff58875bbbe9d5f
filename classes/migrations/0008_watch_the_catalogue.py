from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("classes", "0007_ticks_of_before")]

    operations: list = []
