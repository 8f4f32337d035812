import django.db.models.fields.json
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('programs', '0002_sealed_numbers'),
        ('registry', '0002_trails'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='criterionevent',
            index=models.Index(django.db.models.fields.json.KeyTextTransform('deed', 'pgh_context'), name='criterion_changes_by_deed'),
        ),
        migrations.AddIndex(
            model_name='districtquotaevent',
            index=models.Index(django.db.models.fields.json.KeyTextTransform('deed', 'pgh_context'), name='districtquota_changes_by_deed'),
        ),
        migrations.AddIndex(
            model_name='programevent',
            index=models.Index(django.db.models.fields.json.KeyTextTransform('deed', 'pgh_context'), name='program_changes_by_deed'),
        ),
    ]
