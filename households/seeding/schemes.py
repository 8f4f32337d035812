"""The three schemes a new registry begins with."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from households.models import Scheme
from registry.audit import deed

# Where a decree gives no cut-off, the parameter is a local choice: change it by a new version of the scheme.
SCHEMES: tuple[Mapping[str, Any], ...] = (
    {
        "code": "bps14",
        "name": "14 kriteria BPS",
        "method": "bps14",
        "parameters": {"poor_at": 9, "near_poor_at": 7, "very_poor_at": 12},
        "legal_reference": "BPS, PSE05 (2005) dan PPLS08 (2008)",
        "valid_from": date(2008, 1, 1),
    },
    {
        "code": "kepmensos262",
        "name": "Kriteria fakir miskin Kementerian Sosial",
        "method": "kepmensos262",
        "parameters": {"cut_off": 6, "near_poor_at": 4},
        "legal_reference": "Keputusan Menteri Sosial Nomor 262/HUK/2022",
        "valid_from": date(2022, 12, 31),
    },
    {
        "code": "decile",
        "name": "Desil kesejahteraan DTSEN",
        "method": "decile",
        "parameters": {},
        "legal_reference": "Instruksi Presiden Nomor 4 Tahun 2025",
        "valid_from": date(2025, 2, 20),
    },
)
SETS_STATUS = "bps14"


def ensure_schemes() -> int:
    """Adds those that are missing, by code; returns how many. Whatever is there already stays as it is."""
    present = set(Scheme.objects.values_list("code", flat=True))
    missing = [Scheme(version=1, **scheme) for scheme in SCHEMES if scheme["code"] not in present]
    if not missing:
        return 0
    with deed("add_schemes", by=None) as act:
        is_decided = Scheme.objects.filter(sets_status=True).exists()
        for scheme in missing:
            scheme.sets_status = scheme.code == SETS_STATUS and not is_decided
            scheme.full_clean()
        Scheme.objects.bulk_create(missing)
        act.details = {"schemes": [scheme.code for scheme in missing]}
    return len(missing)
