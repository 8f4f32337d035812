import django.db.models.fields.json
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('households', '0002_sealed_numbers'),
        ('registry', '0002_trails'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='familyevent',
            index=models.Index(django.db.models.fields.json.KeyTextTransform('deed', 'pgh_context'), name='family_changes_by_deed'),
        ),
        migrations.AddIndex(
            model_name='householdevent',
            index=models.Index(django.db.models.fields.json.KeyTextTransform('deed', 'pgh_context'), name='household_changes_by_deed'),
        ),
        migrations.AddIndex(
            model_name='memberevent',
            index=models.Index(django.db.models.fields.json.KeyTextTransform('deed', 'pgh_context'), name='member_changes_by_deed'),
        ),
    ]
