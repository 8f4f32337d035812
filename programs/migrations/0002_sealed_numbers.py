import registry.numbers
from django.db import migrations, models

from registry.plain_numbers import seal_column, unseal_column

NUMBERS = (("nik", "nik"), ("card_number", "card"))  # column, kind


def seal_all(apps, schema_editor):
    """Frozen lists too: their checksum is over the numbers, and those stay."""
    for column, kind in NUMBERS:
        seal_column("programs_targetrow", column, kind=kind)


def unseal_all(apps, schema_editor):
    for column, kind in NUMBERS:
        unseal_column("programs_targetrow", column, kind=kind)


class Migration(migrations.Migration):

    dependencies = [
        ('households', '0002_sealed_numbers'),
        ('programs', '0001_initial'),
        ('registry', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='targetrow',
            name='card_number_index',
            field=models.CharField(blank=True, default='', editable=False, max_length=32),
        ),
        migrations.AddField(
            model_name='targetrow',
            name='card_number_sealed',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='targetrow',
            name='nik_index',
            field=models.CharField(blank=True, default='', editable=False, max_length=32),
        ),
        migrations.AddField(
            model_name='targetrow',
            name='nik_sealed',
            field=models.BinaryField(null=True),
        ),
        migrations.RunPython(seal_all, unseal_all),
        migrations.RemoveField(
            model_name='targetrow',
            name='card_number',
        ),
        migrations.RemoveField(
            model_name='targetrow',
            name='nik',
        ),
        migrations.AlterField(
            model_name='realisation',
            name='note',
            field=models.CharField(blank=True, max_length=200, validators=[registry.numbers.no_identity_number], verbose_name='note'),
        ),
        migrations.AlterField(
            model_name='realisation',
            name='reference',
            field=models.CharField(help_text="The agency's own number of this delivery; the same number twice is the same delivery.", max_length=60, validators=[registry.numbers.no_identity_number], verbose_name='reference'),
        ),
        migrations.AddConstraint(
            model_name='targetrow',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('nik_index', ''), ('nik_sealed', None)), models.Q(models.Q(('nik_index', ''), _negated=True), ('nik_sealed__isnull', False)), _connector='OR'), models.Q(models.Q(('card_number_index', ''), ('card_number_sealed', None)), models.Q(models.Q(('card_number_index', ''), _negated=True), ('card_number_sealed__isnull', False)), _connector='OR')), name='target_numbers_sealed_with_their_indexes'),
        ),
    ]
