"""Have the database itself keep the audit trail append-only."""

from django.db import migrations

from core.audit import install_guards


def forwards(apps, schema_editor):
    install_guards(schema_editor)


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]
