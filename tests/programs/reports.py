"""``manage.py subject_report``, asked and read."""

import io
import json

from django.core.management import call_command
from django.utils.translation import override

ASKED = {"by": "fia", "why": "permintaan 12"}


def report(nik: str | None = None, monkeypatch=None, **options) -> dict:
    out = io.StringIO()
    if nik is not None:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{nik}\n"))
    with override("en"):  # a page asked for before it has left its own language behind
        call_command("subject_report", stdout=out, **{**ASKED, **options})
    return json.loads(out.getvalue())
