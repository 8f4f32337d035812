"""For migrations: which role may do what with a table, and which of its rows the database shows to whom.

Written out in the migrations, not made up at run time, so that what is in force can be read. The settings
that policies compare with are those of ``registry.scope.Floor``.
"""

from django.db.migrations import RunSQL

SERVING = "simpul_web, simpul_worker"
# Character by character, whatever language the server sorts in.
OWN_AREAS = """(
    area_id COLLATE "C" >= current_setting('simpul.area_from', true)
    AND area_id COLLATE "C" < current_setting('simpul.area_below', true)
)"""
SEES_EVERYBODY = "(current_setting('simpul.area_from', true) = '0')"
ACCOUNT = "nullif(current_setting('simpul.account', true), '')::bigint"
AGENCY = "nullif(current_setting('simpul.agency', true), '')::bigint"


def rows_seen_where(table: str, condition: str) -> RunSQL:
    """A row is read, and written, only where ``condition`` holds; for the owner too, unless BYPASSRLS."""
    return RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY seen ON {table} USING ({condition});
        """,
        f"""
        DROP POLICY seen ON {table};
        ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
        """,
    )


def never_changed(table: str) -> RunSQL:
    """The serving roles may add rows and read them."""
    return RunSQL(
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {SERVING}",
        f"GRANT UPDATE, DELETE ON {table} TO {SERVING}",
    )


def trail(table: str) -> RunSQL:
    """The serving roles add rows as members of ``simpul_log``, and change none."""
    return RunSQL(
        f"""
        REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {table} FROM {SERVING};
        GRANT INSERT ON {table} TO simpul_log;
        """,
        f"""
        REVOKE INSERT ON {table} FROM simpul_log;
        GRANT INSERT, UPDATE, DELETE ON {table} TO {SERVING};
        """,
    )


def trail_seen_by(table: str, who: str) -> RunSQL:
    """Of a trail everybody reads the own rows, ``who`` being the column that names whose a row is, and those
    that are nobody's; whoever sees every area, and the worker when it seals, all. Adding is free: what was
    done or seen is written down whoever it was.
    """
    return RunSQL(
        f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY added ON {table} FOR INSERT WITH CHECK (true);
        CREATE POLICY seen ON {table} FOR SELECT
            USING ({SEES_EVERYBODY} OR {who} = {ACCOUNT} OR {who} IS NULL);
        CREATE POLICY sealed ON {table} FOR SELECT TO simpul_worker USING ({ACCOUNT} IS NULL);
        """,
        f"""
        DROP POLICY sealed ON {table};
        DROP POLICY seen ON {table};
        DROP POLICY added ON {table};
        ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
        """,
    )


def same_area_as_household(table: str) -> RunSQL:
    """The area of a part cannot drift from its household's. Looked at when the transaction ends."""
    return _points_at(
        table, "household_id, area_id", "households_household (id, area_id)", f"{table}_same_area"
    )


def same_list_as_target(table: str) -> RunSQL:
    target = "programs_targetrow (id, target_list_id)"
    return _points_at(table, "target_row_id, target_list_id", target, f"{table}_same_list")


def _points_at(table: str, columns: str, target: str, name: str) -> RunSQL:
    return RunSQL(
        f"""
        ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({columns}) REFERENCES {target}
        DEFERRABLE INITIALLY DEFERRED
        """,
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )
