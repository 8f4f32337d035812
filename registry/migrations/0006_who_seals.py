"""Only the worker seals the trails and makes their partitions: a seal of a later day would end the sealing."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("registry", "0005_database_roles")]

    operations = [
        migrations.RunSQL(
            """
            REVOKE INSERT ON registry_trailseal FROM simpul_web;
            REVOKE EXECUTE ON FUNCTION registry_ensure_partitions(date, date) FROM PUBLIC;
            GRANT EXECUTE ON FUNCTION registry_ensure_partitions(date, date) TO simpul_worker;
            """,
            """
            REVOKE EXECUTE ON FUNCTION registry_ensure_partitions(date, date) FROM simpul_worker;
            GRANT EXECUTE ON FUNCTION registry_ensure_partitions(date, date) TO PUBLIC;
            GRANT INSERT ON registry_trailseal TO simpul_web;
            """,
        ),
    ]
