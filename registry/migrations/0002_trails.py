"""Both trails by month, with who was shown what; and their seals.

A table cannot become a partitioned one, so each is made anew beside the old one and takes over its rows and
its ids. There is no way back: a trail is never taken apart again.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

FUNCTIONS = r"""
CREATE FUNCTION registry_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are never changed or removed.', TG_TABLE_NAME;
END
$$;

-- As the owner of the tables, so that the worker needs no right to make tables. Months begin at midnight in
-- Makassar: a sealed day lies wholly in one partition. A month whose rows already lie in the default
-- partition stays there: nothing is ever moved.
CREATE FUNCTION registry_ensure_partitions(since date, until date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    trail text;
    month date;
    part text;
    begins timestamptz;
    ends timestamptz;
    is_taken boolean;
    made integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('registry_ensure_partitions'));
    until := LEAST(until, (now() + interval '5 years')::date);
    FOREACH trail IN ARRAY ARRAY['registry_accesslog', 'registry_auditevent'] LOOP
        month := date_trunc('month', since::timestamp)::date;
        WHILE month <= until LOOP
            part := trail || to_char(month, '_YYYY_MM');
            begins := month::timestamp AT TIME ZONE 'Asia/Makassar';
            ends := (month + interval '1 month') AT TIME ZONE 'Asia/Makassar';
            IF to_regclass(part) IS NULL THEN
                EXECUTE format(
                    'SELECT EXISTS (SELECT FROM %I WHERE at >= %L AND at < %L)',
                    trail || '_default', begins, ends
                ) INTO is_taken;
                IF NOT is_taken THEN
                    EXECUTE format(
                        'CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', part, trail, begins, ends
                    );
                    EXECUTE format(
                        'CREATE TRIGGER never_emptied BEFORE TRUNCATE ON %I '
                        'FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse_change()', part
                    );
                    -- What new tables give the serving roles by default is not for a trail.
                    EXECUTE format('REVOKE ALL ON %I FROM simpul_web, simpul_worker', part);
                    made := made + 1;
                END IF;
            END IF;
            month := (month + interval '1 month')::date;
        END LOOP;
    END LOOP;
    RETURN made;
END
$$;

-- The names inside are looked up where this migration runs, and nowhere else.
DO $$ BEGIN
    EXECUTE format(
        'ALTER FUNCTION registry_ensure_partitions(date, date) SET search_path = %I, pg_temp', current_schema()
    );
END $$;
"""

TABLES = r"""
ALTER TABLE registry_auditevent RENAME TO registry_auditevent_before;
ALTER TABLE registry_accesslog RENAME TO registry_accesslog_before;
CREATE SEQUENCE registry_auditevent_key;
CREATE SEQUENCE registry_accesslog_key;

CREATE TABLE registry_auditevent (
    id bigint NOT NULL DEFAULT nextval('registry_auditevent_key'),
    deed uuid NOT NULL,
    at timestamptz NOT NULL,
    verb varchar(60) NOT NULL,
    by_id bigint NULL CONSTRAINT audit_by REFERENCES registry_user DEFERRABLE INITIALLY DEFERRED,
    role varchar(20) NOT NULL,
    why text NOT NULL,
    subject varchar(100) NOT NULL,
    details jsonb NOT NULL,
    request_id varchar(64) NOT NULL,
    CONSTRAINT audit_key PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);

CREATE TABLE registry_accesslog (
    id bigint NOT NULL DEFAULT nextval('registry_accesslog_key'),
    at timestamptz NOT NULL,
    user_id bigint NOT NULL CONSTRAINT access_user REFERENCES registry_user DEFERRABLE INITIALLY DEFERRED,
    role varchar(20) NOT NULL,
    purpose varchar(200) NOT NULL,
    route varchar(100) NOT NULL,
    subject varchar(100) NOT NULL,
    household_ids bigint[] NOT NULL,
    member_ids bigint[] NOT NULL,
    shown varchar(12) NOT NULL,
    record_count integer NOT NULL CONSTRAINT access_record_count CHECK (record_count >= 0),
    is_full boolean NOT NULL,
    token_id bigint NULL CONSTRAINT access_token REFERENCES registry_apitoken DEFERRABLE INITIALLY DEFERRED,
    request_id varchar(64) NOT NULL,
    CONSTRAINT access_key PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);

ALTER SEQUENCE registry_auditevent_key OWNED BY registry_auditevent.id;
ALTER SEQUENCE registry_accesslog_key OWNED BY registry_accesslog.id;

CREATE INDEX audit_at ON registry_auditevent (at);
CREATE INDEX audit_by_at ON registry_auditevent (by_id, at);
CREATE INDEX audit_deed ON registry_auditevent (deed);
CREATE INDEX audit_subject ON registry_auditevent (subject);
CREATE INDEX access_at ON registry_accesslog (at);
CREATE INDEX access_user_at ON registry_accesslog (user_id, at);
CREATE INDEX access_token_at ON registry_accesslog (token_id, at);
CREATE INDEX access_households ON registry_accesslog USING gin (household_ids);

-- A row always finds a place, even where nobody has made its month.
CREATE TABLE registry_auditevent_default PARTITION OF registry_auditevent DEFAULT;
CREATE TABLE registry_accesslog_default PARTITION OF registry_accesslog DEFAULT;
SELECT registry_ensure_partitions(
    LEAST(
        current_date - 1,
        (SELECT min(at)::date FROM registry_auditevent_before),
        (SELECT min(at)::date FROM registry_accesslog_before)
    ),
    (current_date + interval '24 months')::date
);

INSERT INTO registry_auditevent
    SELECT id, deed, at, verb, by_id, role, why, subject, details, request_id
    FROM registry_auditevent_before ORDER BY id;
-- What older readings showed was not written down: they count as the whole record.
INSERT INTO registry_accesslog
    SELECT id, at, user_id, role, purpose, route, '',
        ARRAY(SELECT jsonb_array_elements_text(household_ids)::bigint), '{}', 'record',
        record_count, is_full, token_id, request_id
    FROM registry_accesslog_before ORDER BY id;
SELECT setval('registry_auditevent_key', max(id)) FROM registry_auditevent;
SELECT setval('registry_accesslog_key', max(id)) FROM registry_accesslog;
-- Checks the keys now: a table with checks to come takes no triggers.
SET CONSTRAINTS ALL IMMEDIATE;
DROP TABLE registry_auditevent_before, registry_accesslog_before;
DROP FUNCTION IF EXISTS pgtrigger_append_only_22869, pgtrigger_append_only_a5f06;

-- On the parents and so on every partition, those to come included.
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON registry_auditevent
    FOR EACH ROW EXECUTE FUNCTION registry_refuse_change();
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON registry_accesslog
    FOR EACH ROW EXECUTE FUNCTION registry_refuse_change();
-- A statement's trigger is not handed down: the function above gives each partition its own.
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON registry_auditevent
    FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON registry_accesslog
    FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON registry_auditevent_default
    FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON registry_accesslog_default
    FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse_change();
"""

SEALS = r"""
CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE ON registry_trailseal
    FOR EACH ROW EXECUTE FUNCTION registry_refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON registry_trailseal
    FOR EACH STATEMENT EXECUTE FUNCTION registry_refuse_change();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0001_initial'),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TABLES)],
            state_operations=[
                pgtrigger.migrations.RemoveTrigger(
                    model_name='accesslog',
                    name='append_only',
                ),
                pgtrigger.migrations.RemoveTrigger(
                    model_name='auditevent',
                    name='append_only',
                ),
                migrations.AddField(
                    model_name='accesslog',
                    name='member_ids',
                    field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None, verbose_name='members'),
                ),
                migrations.AddField(
                    model_name='accesslog',
                    name='shown',
                    field=models.CharField(choices=[('line', 'line of a list'), ('person', 'identity of a person'), ('record', 'whole record of a household'), ('answers', 'answers of an assessment'), ('status', 'poverty status with its reasons'), ('import', 'rows of a workbook'), ('target', 'rows of a target list'), ('file', 'target list as a file'), ('realisation', 'realisations'), ('changes', 'values before and after a change'), ('report', 'all that is held')], default='record', max_length=12, verbose_name='shown'),
                ),
                migrations.AddField(
                    model_name='accesslog',
                    name='subject',
                    field=models.CharField(blank=True, max_length=100, verbose_name='subject'),
                ),
                migrations.AlterField(
                    model_name='accesslog',
                    name='at',
                    field=models.DateTimeField(auto_now_add=True, verbose_name='at'),
                ),
                migrations.AlterField(
                    model_name='accesslog',
                    name='household_ids',
                    field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None, verbose_name='households'),
                ),
                migrations.AlterField(
                    model_name='accesslog',
                    name='token',
                    field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.apitoken', verbose_name='API token'),
                ),
                migrations.AlterField(
                    model_name='accesslog',
                    name='user',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user'),
                ),
                migrations.AlterField(
                    model_name='auditevent',
                    name='at',
                    field=models.DateTimeField(auto_now_add=True, verbose_name='at'),
                ),
                migrations.AlterField(
                    model_name='auditevent',
                    name='by',
                    field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
                ),
                migrations.AlterField(
                    model_name='auditevent',
                    name='deed',
                    field=models.UUIDField(),
                ),
                migrations.AlterField(
                    model_name='auditevent',
                    name='subject',
                    field=models.CharField(blank=True, max_length=100, verbose_name='subject'),
                ),
                migrations.AddIndex(
                    model_name='accesslog',
                    index=models.Index(fields=['at'], name='access_at'),
                ),
                migrations.AddIndex(
                    model_name='accesslog',
                    index=models.Index(fields=['user', 'at'], name='access_user_at'),
                ),
                migrations.AddIndex(
                    model_name='accesslog',
                    index=models.Index(fields=['token', 'at'], name='access_token_at'),
                ),
                migrations.AddIndex(
                    model_name='accesslog',
                    index=django.contrib.postgres.indexes.GinIndex(fields=['household_ids'], name='access_households'),
                ),
                migrations.AddIndex(
                    model_name='auditevent',
                    index=models.Index(fields=['at'], name='audit_at'),
                ),
                migrations.AddIndex(
                    model_name='auditevent',
                    index=models.Index(fields=['by', 'at'], name='audit_by_at'),
                ),
                migrations.AddIndex(
                    model_name='auditevent',
                    index=models.Index(fields=['deed'], name='audit_deed'),
                ),
                migrations.AddIndex(
                    model_name='auditevent',
                    index=models.Index(fields=['subject'], name='audit_subject'),
                ),
            ],
        ),
        migrations.CreateModel(
            name='TrailSeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('trail', models.CharField(choices=[('audit', 'audit events'), ('access', 'readings')], max_length=6, verbose_name='trail')),
                ('day', models.DateField(verbose_name='day')),
                ('form', models.PositiveSmallIntegerField(help_text='Which columns the leaves cover: registry/trails.py.')),
                ('first_id', models.BigIntegerField(null=True)),
                ('last_id', models.BigIntegerField(null=True)),
                ('rows', models.PositiveIntegerField(verbose_name='rows')),
                ('leaves', models.BinaryField(help_text='For each row its id (8 bytes) and 16 bytes of its SHA-256.')),
                ('previous', models.BinaryField(help_text='The digest of the day before; empty for the first.', max_length=32)),
                ('digest', models.BinaryField(max_length=32)),
            ],
            options={
                'verbose_name': 'seal of a trail',
                'verbose_name_plural': 'seals of the trails',
                'ordering': ['trail', 'day'],
            },
        ),
        migrations.AddConstraint(
            model_name='trailseal',
            constraint=models.UniqueConstraint(fields=('trail', 'day'), name='one_seal_a_day'),
        ),
        migrations.RunSQL(SEALS),
    ]
