"""A seal may be of a history too, and names the columns it covers."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registry", "0010_trails_that_can_be_true")]

    operations = [
        migrations.AlterField("trailseal", "trail", models.CharField("trail", max_length=40)),
        migrations.AlterField(
            "trailseal",
            "form",
            models.PositiveSmallIntegerField(
                help_text="Which columns the leaves cover: registry/trail_sources.py."
            ),
        ),
        migrations.AddField(
            "trailseal",
            "columns",
            ArrayField(
                models.CharField(max_length=63),
                default=list,
                size=None,
                help_text="The same of a history, by name.",
            ),
        ),
    ]
