import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0003_rounds'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='decision',
            options={'ordering': ['-created_at', '-pk']},
        ),
        migrations.AddField(
            model_name='decision',
            name='revisions',
            field=models.JSONField(default=list, editable=False),
        ),
        migrations.AddField(
            model_name='decision',
            name='superseded_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='supersedes', to='projects.decision'),
        ),
        migrations.AddField(
            model_name='decision',
            name='withdrawn_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name='signature',
            name='method',
            field=models.CharField(default='signed in', max_length=20, verbose_name='how'),
        ),
        migrations.AddConstraint(
            model_name='signature',
            constraint=models.UniqueConstraint(fields=('decision', 'stakeholder'), name='signature_once_a_stakeholder', violation_error_message='This person has signed this already.'),
        ),
    ]
