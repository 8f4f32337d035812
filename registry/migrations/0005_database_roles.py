"""What the serving roles may do. They are made beforehand: registry/data/roles.sql."""

from django.db import migrations

from registry.row_security import SERVING, never_changed, trail


class Migration(migrations.Migration):
    dependencies = [("registry", "0004_sign_in")]

    operations = [
        migrations.RunSQL(
            f"""
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {SERVING};
            GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {SERVING};
            ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {SERVING};
            ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {SERVING};
            REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {SERVING};
            REVOKE ALL ON registry_apitoken FROM simpul_worker;
            GRANT SELECT ON registry_area TO simpul_public;
            """,
            f"""
            REVOKE SELECT ON registry_area FROM simpul_public;
            ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM {SERVING};
            ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM {SERVING};
            REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {SERVING};
            REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {SERVING};
            """,
        ),
        # From PostgreSQL 17 on a role may keep the planner's statistics fresh without owning the table.
        migrations.RunSQL(
            f"""
            DO $$ BEGIN
                IF current_setting('server_version_num')::int >= 170000 THEN
                    GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO {SERVING};
                    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT MAINTAIN ON TABLES TO {SERVING};
                END IF;
            END $$
            """,
            migrations.RunSQL.noop,
        ),
        trail("registry_auditevent"),
        trail("registry_accesslog"),
        trail("registry_userevent"),
        trail("registry_areaevent"),
        trail("registry_agencyevent"),
        never_changed("registry_trailseal"),
        # A partition is reached through its trail only, where the rights above are asked for.
        migrations.RunSQL(
            f"""
            DO $$ DECLARE part regclass; BEGIN
                FOR part IN
                    SELECT inhrelid FROM pg_inherits
                    WHERE inhparent IN ('registry_auditevent'::regclass, 'registry_accesslog'::regclass)
                LOOP
                    EXECUTE format('REVOKE ALL ON %s FROM {SERVING}', part);
                END LOOP;
            END $$
            """,
            migrations.RunSQL.noop,
        ),
    ]
