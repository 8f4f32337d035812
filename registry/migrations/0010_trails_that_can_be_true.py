"""Ids above zero and moments of this registry's time: on others the sealing and the proof would stop.

Rows that are there already are not looked at, for nobody could take them away; ``verify_trail`` names them.
"""

from datetime import UTC, datetime

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

CAN_BE_TRUE = models.Q(
    id__gt=0, at__gte=datetime(2020, 1, 1, tzinfo=UTC), at__lt=datetime(2200, 1, 1, tzinfo=UTC)
)


class Migration(migrations.Migration):
    dependencies = [("registry", "0009_area_roles_work_in_one_area")]

    operations = [
        AddConstraintNotValid(
            "accesslog", models.CheckConstraint(condition=CAN_BE_TRUE, name="access_can_be_true")
        ),
        AddConstraintNotValid(
            "auditevent", models.CheckConstraint(condition=CAN_BE_TRUE, name="audit_can_be_true")
        ),
    ]
