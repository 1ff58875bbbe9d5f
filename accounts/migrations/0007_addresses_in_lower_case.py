"""Addresses as the sign-in looks for them: who had a capital letter in theirs could not come in."""

from django.db import migrations
from django.db.models import F
from django.db.models.functions import Lower


def write_in_lower_case(apps, schema_editor) -> None:
    Member = apps.get_model("accounts", "Member")
    for member in Member.objects.exclude(email=Lower(F("email"))):
        Member.objects.filter(pk=member.pk).update(email=member.email.lower())


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_failed_rule")]

    operations = [migrations.RunPython(write_in_lower_case, migrations.RunPython.noop)]
