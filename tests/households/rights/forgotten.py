"""A person with a history, her way to an erasure, and the search that would still find her."""

from django.apps import apps
from django.db import connection
from django.utils import timezone

from households.rights.requests import decide_request, receive_request
from households.rights.retention import PERIODS, purge
from registry.models import User
from registry.numbers import sealed_columns
from registry.roles import Role
from tests import factories

NAME, OLD_NAME, STREET = "Zulaikha Sampelwati", "Zulaika Keliru", "Gang Kenanga Sepi 7"
NIK, CARD = "9902064101900077", "9902060101200077"


def tables_holding(*texts):
    """Every table of the database read as text, and every seal in it opened."""
    found = {table for table, plain in opened() if any(text.lower() in plain.lower() for text in texts)}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            for text in texts:
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" AS r WHERE lower(r::text) LIKE %s', [f"%{text.lower()}%"]
                )
                if cursor.fetchone()[0]:
                    found.add(table)
    return found


def opened():
    """What stands in sealed columns, of the row history too: (table, plain text)."""
    for model in apps.get_models():
        tracked = getattr(model, "pgh_tracked_model", None)
        for held in sealed_columns(tracked or model):
            rows = model._default_manager.exclude(**{held.sealed: None})
            for pk, sealed in rows.values_list("pgh_obj_id" if tracked else "pk", held.sealed):
                yield model._meta.db_table, held.unseal(sealed, pk)


def decided(household, member, ana, hal):
    """An erasure asked for and granted: nothing is erased yet."""
    asked = receive_request(
        household=household, member=member, kind="erasure", asker=NAME, asked=f"Hapus {NAME}", by=ana
    )
    return decide_request(request=asked, is_granted=True, outcome="Sudah dihapus.", by=hal)


def in_the_night():
    """The one step of the nightly purge that carries out what was granted."""
    (period,) = [period for period in PERIODS if period.code == "granted-erasures"]
    gus = User.objects.filter(username="gus").first() or factories.user("gus", Role.SUPERADMIN)
    assert purge(period, now=timezone.now(), by=gus, why="setiap malam").stuck == {}
    assert not period.due(timezone.now()).exists()


def granted(household, member, ana, hal):
    """An erasure granted, and the night after it over."""
    request = decided(household, member, ana, hal)
    in_the_night()
    request.refresh_from_db()
    return request


class Typed:
    def __init__(self, text):
        self.text = text

    def isatty(self):
        return False

    def readline(self):
        return self.text
