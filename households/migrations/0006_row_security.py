"""The floor: PostgreSQL shows a connection only the rows of the areas, or the uploads, of whom it works for."""

from django.db import migrations, models

from registry.row_security import (
    ACCOUNT,
    OWN_AREAS,
    SEES_EVERYBODY,
    never_changed,
    rows_seen_where,
    same_area_as_household,
    trail,
)

NEVER_CHANGED = (
    "households_assessment",
    "households_memberassessment",
    "households_povertystatus",
    "households_welfaredecile",
)
PARTS = ("households_family", "households_member", "households_subjectrequest", *NEVER_CHANGED)
HISTORY = (
    "households_householdevent",
    "households_familyevent",
    "households_memberevent",
    "households_subjectrequestevent",
)


class Migration(migrations.Migration):
    dependencies = [
        ("households", "0005_rights"),
        ("registry", "0005_database_roles"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="household",
            constraint=models.UniqueConstraint(fields=("id", "area"), name="household_with_its_area"),
        ),
        *(same_area_as_household(table) for table in PARTS),
        *(never_changed(table) for table in NEVER_CHANGED),
        # Whoever erases works as the owner: manage.py purge.
        never_changed("households_tombstone"),
        *(trail(table) for table in HISTORY),
        trail("households_schemeevent"),
        *(rows_seen_where(table, OWN_AREAS) for table in ("households_household", *PARTS, *HISTORY)),
        rows_seen_where("households_importbatch", f"{SEES_EVERYBODY} OR uploaded_by_id = {ACCOUNT}"),
        # The batches that can be seen are looked up once, under their own policy.
        rows_seen_where("households_importrow", "batch_id = ANY (ARRAY(SELECT id FROM households_importbatch))"),
    ]
