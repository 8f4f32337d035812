"""The trails name households by id, and reasons may speak of people: the database shows them to few."""

from django.db import migrations

from registry.row_security import trail_seen_by


class Migration(migrations.Migration):
    dependencies = [("registry", "0011_seals_of_histories")]

    operations = [
        trail_seen_by("registry_auditevent", "by_id"),
        trail_seen_by("registry_accesslog", "user_id"),
    ]
