import pgtrigger.compiler
import pgtrigger.migrations
import registry.numbers
import registry.sealed_files
from django.db import migrations, models

from registry.plain_numbers import seal_column, seal_files, settle, unseal_column, unseal_files

NUMBERS = (
    # table, column, kind, the table whose history it is
    ("households_member", "nik", "nik", ""),
    ("households_memberevent", "nik", "nik", "households_member"),
    ("households_family", "card_number", "card", ""),
    ("households_familyevent", "card_number", "card", "households_family"),
)
# A number that was typed into the wrong column stands in what was said about the cell.
MASK = """
    UPDATE households_importrow SET {0} = regexp_replace({0}::text, '([0-9]{{6}})[0-9]{{6,}}([0-9]{{4}})', '\\1******\\2', 'g')::jsonb
    WHERE {0}::text ~ '[0-9]{{16}}'
"""


def seal_all(apps, schema_editor):
    for table, column, kind, of in NUMBERS:
        seal_column(table, column, kind=kind, of=of)
    seal_column("households_importrow", "cells", into="packed", empty="'{}'")
    for column in ("errors", "warnings", "changes"):
        schema_editor.execute(MASK.format(column))
    settle()
    seal_files(apps.get_model("households", "ImportBatch"), "file")


def unseal_all(apps, schema_editor):
    for table, column, kind, of in NUMBERS:
        unseal_column(table, column, kind=kind, of=of)
    unseal_column("households_importrow", "cells", into="packed", cast="jsonb")
    unseal_files(apps.get_model("households", "ImportBatch"), "file")


class Migration(migrations.Migration):

    dependencies = [
        ('households', '0001_initial'),
        ('registry', '0001_initial'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='family',
            name='change_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='family',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='member',
            name='change_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='member',
            name='delete_delete',
        ),
        migrations.RemoveConstraint(
            model_name='family',
            name='family_card_number_once',
        ),
        migrations.RemoveConstraint(
            model_name='member',
            name='nik_once',
        ),
        migrations.RemoveConstraint(
            model_name='member',
            name='nik_or_a_reason',
        ),
        migrations.AddField(
            model_name='family',
            name='card_number_index',
            field=models.CharField(blank=True, default='', editable=False, max_length=32),
        ),
        migrations.AddField(
            model_name='family',
            name='card_number_sealed',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='familyevent',
            name='card_number_index',
            field=models.CharField(blank=True, default='', editable=False, max_length=32),
        ),
        migrations.AddField(
            model_name='familyevent',
            name='card_number_sealed',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='importrow',
            name='packed_sealed',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='member',
            name='nik_index',
            field=models.CharField(blank=True, default='', editable=False, max_length=32),
        ),
        migrations.AddField(
            model_name='member',
            name='nik_sealed',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='memberevent',
            name='nik_index',
            field=models.CharField(blank=True, default='', editable=False, max_length=32),
        ),
        migrations.AddField(
            model_name='memberevent',
            name='nik_sealed',
            field=models.BinaryField(null=True),
        ),
        migrations.RunPython(seal_all, unseal_all),
        migrations.RemoveField(
            model_name='family',
            name='card_number',
        ),
        migrations.RemoveField(
            model_name='familyevent',
            name='card_number',
        ),
        migrations.RemoveField(
            model_name='importrow',
            name='cells',
        ),
        migrations.RemoveField(
            model_name='member',
            name='nik',
        ),
        migrations.RemoveField(
            model_name='memberevent',
            name='nik',
        ),
        migrations.AlterField(
            model_name='assessment',
            name='enumerator',
            field=models.CharField(blank=True, max_length=100, validators=[registry.numbers.no_identity_number], verbose_name='enumerator'),
        ),
        migrations.AlterField(
            model_name='household',
            name='address',
            field=models.CharField(blank=True, max_length=200, validators=[registry.numbers.no_identity_number], verbose_name='address'),
        ),
        migrations.AlterField(
            model_name='household',
            name='closed_evidence',
            field=models.CharField(blank=True, max_length=200, validators=[registry.numbers.no_identity_number], verbose_name='evidence'),
        ),
        migrations.AlterField(
            model_name='household',
            name='hamlet',
            field=models.CharField(blank=True, max_length=60, validators=[registry.numbers.no_identity_number], verbose_name='hamlet'),
        ),
        migrations.AlterField(
            model_name='household',
            name='number',
            field=models.CharField(help_text="The village's own number for this household, unique in the village.", max_length=30, validators=[registry.numbers.no_identity_number], verbose_name='household number'),
        ),
        migrations.AlterField(
            model_name='householdevent',
            name='address',
            field=models.CharField(blank=True, max_length=200, validators=[registry.numbers.no_identity_number], verbose_name='address'),
        ),
        migrations.AlterField(
            model_name='householdevent',
            name='closed_evidence',
            field=models.CharField(blank=True, max_length=200, validators=[registry.numbers.no_identity_number], verbose_name='evidence'),
        ),
        migrations.AlterField(
            model_name='householdevent',
            name='hamlet',
            field=models.CharField(blank=True, max_length=60, validators=[registry.numbers.no_identity_number], verbose_name='hamlet'),
        ),
        migrations.AlterField(
            model_name='householdevent',
            name='number',
            field=models.CharField(help_text="The village's own number for this household, unique in the village.", max_length=30, validators=[registry.numbers.no_identity_number], verbose_name='household number'),
        ),
        migrations.AlterField(
            model_name='importbatch',
            name='file',
            field=models.FileField(storage=registry.sealed_files.SealedStorage(), upload_to='imports/%Y/%m/', verbose_name='workbook'),
        ),
        migrations.AlterField(
            model_name='member',
            name='birth_place',
            field=models.CharField(blank=True, max_length=60, validators=[registry.numbers.no_identity_number], verbose_name='place of birth'),
        ),
        migrations.AlterField(
            model_name='member',
            name='name',
            field=models.CharField(max_length=100, validators=[registry.numbers.no_identity_number], verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='memberevent',
            name='birth_place',
            field=models.CharField(blank=True, max_length=60, validators=[registry.numbers.no_identity_number], verbose_name='place of birth'),
        ),
        migrations.AlterField(
            model_name='memberevent',
            name='name',
            field=models.CharField(max_length=100, validators=[registry.numbers.no_identity_number], verbose_name='name'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='family',
            trigger=pgtrigger.compiler.Trigger(name='change_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "households_familyevent" ("area_id", "card_number_index", "card_number_sealed", "household_id", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position") VALUES (OLD."area_id", OLD."card_number_index", OLD."card_number_sealed", OLD."household_id", OLD."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'change\', OLD."id", OLD."position"); RETURN NULL;', hash='6978e224c5e6160cf77b78d9b5cb5416b33afb4f', operation='UPDATE', pgid='pgtrigger_change_update_f96f2', table='households_family', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='family',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "households_familyevent" ("area_id", "card_number_index", "card_number_sealed", "household_id", "id", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position") VALUES (OLD."area_id", OLD."card_number_index", OLD."card_number_sealed", OLD."household_id", OLD."id", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."position"); RETURN NULL;', hash='02b96bb5d91edc004ae96907096be3e79aa79241', operation='DELETE', pgid='pgtrigger_delete_delete_08da6', table='households_family', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='member',
            trigger=pgtrigger.compiler.Trigger(name='change_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "households_memberevent" ("area_id", "birth_date", "birth_place", "closed_on", "closed_reason", "family_id", "family_relationship", "household_id", "household_relationship", "id", "name", "nik_index", "nik_missing", "nik_sealed", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "sex") VALUES (OLD."area_id", OLD."birth_date", OLD."birth_place", OLD."closed_on", OLD."closed_reason", OLD."family_id", OLD."family_relationship", OLD."household_id", OLD."household_relationship", OLD."id", OLD."name", OLD."nik_index", OLD."nik_missing", OLD."nik_sealed", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'change\', OLD."id", OLD."position", OLD."sex"); RETURN NULL;', hash='595206a528f49605962a99454d03ca63cd8f54c9', operation='UPDATE', pgid='pgtrigger_change_update_da4e8', table='households_member', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='member',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "households_memberevent" ("area_id", "birth_date", "birth_place", "closed_on", "closed_reason", "family_id", "family_relationship", "household_id", "household_relationship", "id", "name", "nik_index", "nik_missing", "nik_sealed", "pgh_context", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "sex") VALUES (OLD."area_id", OLD."birth_date", OLD."birth_place", OLD."closed_on", OLD."closed_reason", OLD."family_id", OLD."family_relationship", OLD."household_id", OLD."household_relationship", OLD."id", OLD."name", OLD."nik_index", OLD."nik_missing", OLD."nik_sealed", COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_metadata\', TRUE), \'\'), NULL)::JSONB, COALESCE(NULLIF(CURRENT_SETTING(\'pghistory.context_id\', TRUE), \'\'), NULL)::UUID, NOW(), \'delete\', OLD."id", OLD."position", OLD."sex"); RETURN NULL;', hash='9ad1282be8c9f8f182102ad112d2b3e56932a171', operation='DELETE', pgid='pgtrigger_delete_delete_9dcdb', table='households_member', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='family',
            constraint=models.UniqueConstraint(condition=models.Q(('card_number_index', ''), _negated=True), fields=('card_number_index',), name='family_card_number_once'),
        ),
        migrations.AddConstraint(
            model_name='family',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('card_number_index', ''), ('card_number_sealed', None)), models.Q(models.Q(('card_number_index', ''), _negated=True), ('card_number_sealed__isnull', False)), _connector='OR'), name='card_number_sealed_with_its_index'),
        ),
        migrations.AddConstraint(
            model_name='member',
            constraint=models.UniqueConstraint(condition=models.Q(models.Q(('nik_index', ''), _negated=True), ('closed_on', None)), fields=('nik_index',), name='nik_once'),
        ),
        migrations.AddConstraint(
            model_name='member',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('nik_index', ''), _negated=True), ('nik_missing', '')), models.Q(('nik_index', ''), models.Q(('nik_missing', ''), _negated=True)), _connector='OR'), name='nik_or_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='member',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('nik_index', ''), ('nik_sealed', None)), models.Q(models.Q(('nik_index', ''), _negated=True), ('nik_sealed__isnull', False)), _connector='OR'), name='nik_sealed_with_its_index'),
        ),
    ]
