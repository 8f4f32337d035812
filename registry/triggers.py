"""What pgtrigger leaves open in its triggers, closed after each run of ``migrate``.

Any role may make a setting of the session: ``pgtrigger.ignore`` would switch off history and the guards of
what never changes. Any role may make a temporary table: it is found before the table of that name that a
trigger means. Installing a trigger opens them anew, so a migration of ours would not hold.
"""

from typing import Any

from django.db import connections

# pgtrigger's own function, called for every row by each of its triggers, with one condition more: the last.
IGNORED_FOR_THE_OWNER_ONLY = """
    CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
    LANGUAGE plpgsql AS $$
    DECLARE
        ignored text := nullif(pg_catalog.current_setting('pgtrigger.ignore', true), '');
    BEGIN
        IF ignored IS NULL THEN
            RETURN false;
        END IF;
        RETURN trigger_name = ANY (ignored::text[]) AND pg_catalog.pg_has_role(
            (SELECT proowner FROM pg_catalog.pg_proc
             WHERE oid = 'public._pgtrigger_should_ignore(name)'::pg_catalog.regprocedure),
            'USAGE'
        );
    END $$
"""
TEMPORARY_TABLES_LAST = """
    DO $$ DECLARE called regprocedure; BEGIN
        FOR called IN
            SELECT DISTINCT tgfoid FROM pg_trigger WHERE tgname LIKE 'pgtrigger\\_%'
        LOOP
            EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, public, pg_temp', called);
        END LOOP;
    END $$
"""
# True of a database with triggers that this module has not closed, or that were installed since.
OPEN_TRIGGERS = """
    SELECT EXISTS (
        SELECT FROM pg_proc
        WHERE oid = to_regprocedure('public._pgtrigger_should_ignore(name)') AND prosrc NOT LIKE '%proowner%'
    ) OR EXISTS (
        SELECT FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
        WHERE tgname LIKE 'pgtrigger\\_%' AND proconfig IS NULL
    )
"""


def close_triggers(using: str, **_signal: Any) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(IGNORED_FOR_THE_OWNER_ONLY)
        cursor.execute(TEMPORARY_TABLES_LAST)
