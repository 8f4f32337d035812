"""Targets and realisations are seen by whoever sees their area, and by the agency whose approved list it is."""

import django.db.models.deletion
from django.db import migrations, models

from registry.row_security import (
    AGENCY,
    OWN_AREAS,
    SEES_EVERYBODY,
    never_changed,
    rows_seen_where,
    same_area_as_household,
    same_list_as_target,
    trail,
)

# Looked up once for a query, not once for a row.
OWN_APPROVED = f"""
    state = 'frozen' AND program_id = ANY (ARRAY(SELECT id FROM programs_program WHERE agency_id = {AGENCY}))
"""
OWN_LISTS = f"""
    target_list_id = ANY (ARRAY(
        SELECT list.id FROM programs_targetlist AS list
        JOIN programs_program AS program ON program.id = list.program_id
        WHERE list.state = 'frozen' AND program.agency_id = {AGENCY}
    ))
"""


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0003_changes_by_deed"),
        ("households", "0006_row_security"),
    ]

    operations = [
        migrations.AddField(
            model_name="realisation",
            name="target_list",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="realisations",
                to="programs.targetlist",
            ),
        ),
        # The rows are append-only; what is written here they said already, by way of their target.
        migrations.RunSQL(
            """
            ALTER TABLE programs_realisation DISABLE TRIGGER USER;
            UPDATE programs_realisation AS report SET target_list_id = target.target_list_id
            FROM programs_targetrow AS target WHERE target.id = report.target_row_id;
            SET CONSTRAINTS ALL IMMEDIATE;
            ALTER TABLE programs_realisation ENABLE TRIGGER USER;
            """,
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name="realisation",
            name="target_list",
            field=models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="realisations",
                to="programs.targetlist",
            ),
        ),
        migrations.AddConstraint(
            model_name="targetrow",
            constraint=models.UniqueConstraint(fields=("id", "target_list"), name="target_with_its_list"),
        ),
        same_area_as_household("programs_targetrow"),
        same_area_as_household("programs_realisation"),
        same_list_as_target("programs_realisation"),
        never_changed("programs_realisation"),
        trail("programs_programevent"),
        trail("programs_criterionevent"),
        trail("programs_districtquotaevent"),
        rows_seen_where("programs_targetlist", f"{SEES_EVERYBODY} OR {OWN_APPROVED}"),
        rows_seen_where("programs_targetrow", f"{OWN_AREAS} OR {OWN_LISTS}"),
        rows_seen_where("programs_realisation", f"{OWN_AREAS} OR {OWN_LISTS}"),
    ]
