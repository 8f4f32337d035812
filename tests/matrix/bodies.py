"""Bodies that would be accepted: the form as its page gives it, with what a person must type filled in."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from households.imports import fill_template
from tests.matrix.world import YEAR, World

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PASSWORD = "Sebuah sandi yang panj4ng!"


@dataclass(frozen=True)
class Body:
    data: bytes = b""
    content_type: str = "application/octet-stream"

    @property
    def readable(self) -> str:
        return "" if self.content_type == XLSX else self.data.decode("utf-8", "replace")


def body_of(client: Client, path: str, name: str, world: World, whose: str, actor: str) -> Body:
    if name == "api-realisation-list":
        return _json(
            {
                "target_row": world.thing("target_row", whose, actor),
                "outcome": "delivered",
                "realised_on": timezone.localdate().isoformat(),
                "amount": "1",
                "reference": "BAST-1",
            }
        )
    if name == "import-list":
        return multipart({"workbook": _workbook()})
    typed = {
        key: value(world, whose) if callable(value) else value for key, value in TYPED.get(name, {}).items()
    }
    return multipart(fields_of(client, path) | typed if name in WITH_A_FORM else typed)


def fields_of(client: Client, path: str) -> dict[str, Any]:
    """What a browser would send if nothing were typed."""
    context = client.get(path).context
    forms = []
    if "adminform" in context:
        forms.append(context["adminform"].form)
        for inline in context["inline_admin_formsets"]:
            forms += [inline.formset.management_form, *inline.formset.forms]
    else:
        forms += [context["form"], *context.get("members", [])]
    values = {bound.html_name: bound.value() for form in forms for bound in form}
    return {
        name: "on" if value is True else value if isinstance(value, list) else as_typed(value)
        for name, value in values.items()
        if value is not None and value is not False
    }


def as_typed(value: Any) -> str:
    """With a decimal comma, as people here type it."""
    return str(value).replace(".", ",") if isinstance(value, Decimal) else str(value)


def multipart(fields: dict[str, Any]) -> Body:
    return Body(encode_multipart(BOUNDARY, fields), MULTIPART_CONTENT)


def _json(data: Any) -> Body:
    return Body(json.dumps(data).encode(), "application/json")


def _workbook() -> SimpleUploadedFile:
    stream = io.BytesIO()
    fill_template(stream, [], [])
    return SimpleUploadedFile("baru.xlsx", stream.getvalue(), XLSX)


def _of(kind: str, world: World, whose: str) -> Any:
    return world.things[kind][whose or "own"]


def _soon(world: World, whose: str) -> str:
    return (timezone.localdate() + timedelta(days=20)).isoformat()


def _today(world: World, whose: str) -> str:
    return timezone.localdate().isoformat()


# What a person types, by the name of the pattern; an area or a user may depend on whose it is.
TYPED: dict[str, dict[str, str | Callable[[World, str], Any]]] = {
    "login": {"username": "village_operator", "password": "a long password"},
    "set_language": {"language": "en", "next": "/"},
    "household-create": {"area": partial(_of, "area"), "number": "BARU-1"},
    "household-change": {"address": "Jalan Baru"},
    "household-close": {"on": _today, "reason": "moved", "evidence": "Surat 1"},
    "family-create": {"card_number": ""},
    "family-change": {"card_number": "9903990101269999"},
    "member-create": {
        "name": "Sampel Baru",
        "nik_missing": "infant",
        "household_relationship": "3",
        "family_relationship": "3",
    },
    "member-change": {"birth_place": "Baru"},
    "assessment-create": {"assessed_on": _today, "floor": "8"},
    "member-number": {"reason": "Membandingkan dengan kartu"},
    "family-number": {"reason": "Membandingkan dengan kartu"},
    "request-create": {"kind": "access", "asker": "Yang bersangkutan", "asked": "Ingin melihat datanya"},
    "request-detail": {"decision": "granted", "outcome": "Sudah dibetulkan"},
    "password-change": {
        "old_password": "a long password",
        "new_password1": PASSWORD,
        "new_password2": PASSWORD,
    },
    "second-factor": {"code": "000000"},
    "second-factor-setup": {"code": "000000"},
    "token-create": {"name": "baru", "purpose": "Verifikasi", "expires_on": _soon},
    "admin:password_change": {
        "old_password": "a long password",
        "new_password1": PASSWORD,
        "new_password2": PASSWORD,
    },
    "admin:auth_user_password_change": {"password1": PASSWORD, "password2": PASSWORD},
    "admin:registry_area_add": {"code": "64.02.12.2099", "name": "Desa Baru", "level": "village"},
    "admin:registry_area_change": {"name": "Desa Baru"},
    "admin:registry_agency_add": {"code": "baru", "name": "Dinas Baru", "short_name": "DB"},
    "admin:registry_agency_change": {"name": "Dinas Baru"},
    "admin:registry_user_add": {
        "username": "baru",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "role": "tkpk_member",
    },
    "admin:registry_user_change": {"first_name": "Baru"},
    "admin:households_household_add": {"area": partial(_of, "area"), "number": "BARU-1"},
    "admin:households_household_change": {"address": "Jalan Baru"},
    "admin:households_family_change": {"card_number": "9903990101269999"},
    "admin:households_member_change": {"birth_place": "Baru"},
    "admin:households_scheme_add": {
        "code": "baru",
        "name": "Baru",
        "method": "bps14",
        "parameters": "{}",
        "legal_reference": "Perbup",
        "valid_from": _today,
    },
    "admin:households_scheme_change": {"valid_to": _soon},
    "admin:programs_program_add": {
        "code": "baru",
        "name": "Baru",
        "agency": partial(_of, "agency"),
        "cluster": "1",
        "strategy": "1",
        "unit": "household",
        "year": str(YEAR),
    },
    "admin:programs_program_change": {"name": "Baru"},
}
WITH_A_FORM = {
    name
    for name in TYPED
    if name not in ("login", "set_language", "admin:auth_user_password_change", "admin:password_change")
    and not name.startswith("second-factor")
}
