from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("classes", "0009_words_to_search")]

    operations: list = []
