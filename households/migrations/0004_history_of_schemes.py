import django.db.models.deletion
import django.db.models.fields.json
import pghistory.utils
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('households', '0003_changes_by_deed'),
    ]

    operations = [
        migrations.CreateModel(
            name='SchemeEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('pgh_context', pghistory.utils.JSONField(null=True)),
                ('pgh_context_id', models.UUIDField(null=True)),
                ('id', models.BigIntegerField()),
                ('code', models.SlugField(db_index=False, max_length=30, verbose_name='code')),
                ('version', models.PositiveSmallIntegerField(default=1, verbose_name='version')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('method', models.CharField(max_length=30, verbose_name='method')),
                ('parameters', models.JSONField(blank=True, default=dict, verbose_name='parameters')),
                ('legal_reference', models.CharField(max_length=200, verbose_name='legal reference')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='valid to')),
                ('sets_status', models.BooleanField(default=False, help_text='One scheme decides the status shown in lists, targets and reports.', verbose_name="sets the household's status")),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='scheme',
            trigger=pgtrigger.compiler.Trigger(name='change_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "households_schemeevent" ("code", "id", "legal_reference", "method", "name", "parameters", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sets_status", "valid_from", "valid_to", "version") VALUES (OLD."code", OLD."id", OLD."legal_reference", OLD."method", OLD."name", OLD."parameters", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'change\', OLD."id", OLD."sets_status", OLD."valid_from", OLD."valid_to", OLD."version"); RETURN NULL;', hash='73f83e47d5cf92f749fb8dea1acab835696b2d00', operation='UPDATE', pgid='pgtrigger_change_update_fd86b', table='households_scheme', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='scheme',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "households_schemeevent" ("code", "id", "legal_reference", "method", "name", "parameters", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sets_status", "valid_from", "valid_to", "version") VALUES (OLD."code", OLD."id", OLD."legal_reference", OLD."method", OLD."name", OLD."parameters", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."sets_status", OLD."valid_from", OLD."valid_to", OLD."version"); RETURN NULL;', hash='d0b7a757af9f39062e4e47a8b675202f5c42deb0', operation='DELETE', pgid='pgtrigger_delete_delete_d67d7', table='households_scheme', when='AFTER')),
        ),
        migrations.AddField(
            model_name='schemeevent',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='households.scheme'),
        ),
        migrations.AddIndex(
            model_name='schemeevent',
            index=models.Index(django.db.models.fields.json.KeyTextTransform('deed', 'pgh_context'), name='scheme_changes_by_deed'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='schemeevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='4731f99713386c9a8270cd1ca80d2cbd9a50292f', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_1a755', table='households_schemeevent', when='BEFORE')),
        ),
    ]
