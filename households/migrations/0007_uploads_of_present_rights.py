"""Who has moved to another area sees no upload of the earlier one: it holds people of there."""

from django.db import migrations

from registry.row_security import ACCOUNT, SEES_EVERYBODY

OWN = f"uploaded_by_id = {ACCOUNT}"
SINCE = f"coalesce((SELECT rights_changed_at FROM registry_user WHERE id = {ACCOUNT}), '-infinity')"


class Migration(migrations.Migration):
    dependencies = [("households", "0006_row_security"), ("registry", "0007_import_readings")]

    operations = [
        migrations.RunSQL(
            f"ALTER POLICY seen ON households_importbatch "
            f"USING ({SEES_EVERYBODY} OR {OWN} AND uploaded_at >= {SINCE})",
            f"ALTER POLICY seen ON households_importbatch USING ({SEES_EVERYBODY} OR {OWN})",
        ),
    ]
