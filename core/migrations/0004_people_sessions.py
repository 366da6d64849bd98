"""Sessions that can be ended together, and time zones that exist."""

from django.db import migrations, models

import core.models.people


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_jobs'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='session_generation',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AlterField(
            model_name='user',
            name='zone',
            field=models.CharField(default='UTC', max_length=64, validators=[core.models.people.validate_zone], verbose_name='time zone'),
        ),
    ]
