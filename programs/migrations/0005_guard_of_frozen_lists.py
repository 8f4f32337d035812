"""The guard of frozen lists sees every list. Asked as whoever writes, row security may hide the list from it."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

from registry.row_security import SERVING

# A list that is not there is no draft. What a connection made for itself (pg_temp) is looked at last.
IS_DRAFT = f"""
    CREATE FUNCTION programs_list_is_draft(list bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
        RETURN EXISTS (SELECT FROM programs_targetlist WHERE id = list AND state = 'draft');
    END $$;
    REVOKE EXECUTE ON FUNCTION programs_list_is_draft(bigint) FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION programs_list_is_draft(bigint) TO {SERVING};
"""


class Migration(migrations.Migration):

    dependencies = [
        ('programs', '0004_row_security'),
    ]

    operations = [
        migrations.RunSQL(IS_DRAFT, "DROP FUNCTION programs_list_is_draft(bigint)"),
        pgtrigger.migrations.RemoveTrigger(
            model_name='targetrow',
            name='rows_of_a_frozen_list',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='targetrow',
            trigger=pgtrigger.compiler.Trigger(name='rows_of_a_frozen_list', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF TG_OP <> 'INSERT' AND NOT public.programs_list_is_draft(OLD.target_list_id)\n                        OR TG_OP <> 'DELETE' AND NOT public.programs_list_is_draft(NEW.target_list_id)\n                    THEN\n                        RAISE EXCEPTION 'pgtrigger: rows of a frozen target list never change';\n                    END IF;\n                    RETURN COALESCE(NEW, OLD);\n                    ", hash='013155ed056e9527292a4585d3d6303f0348a953', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_rows_of_a_frozen_list_f2268', table='programs_targetrow', when='BEFORE')),
        ),
    ]
