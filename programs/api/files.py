"""A whole target list as a file: every row, read at once, identity numbers masked."""

import io
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from households.models.household import StatusChoice
from programs.models import TargetList, TargetRow
from registry.models import User
from registry.spreadsheets import Column, SheetToWrite, write_csv, write_workbook
from registry.templatetags.simpul import wita

# Path on the row and heading. Ids and codes are identifiers: text, whatever is typed below them.
COLUMNS = {
    "rank": gettext_lazy("Rank"),
    "id": gettext_lazy("Target row ID"),
    "household_id": gettext_lazy("Household ID"),
    "family_id": gettext_lazy("Family ID"),
    "member_id": gettext_lazy("Member ID"),
    "district_name": gettext_lazy("District"),
    "area_id": gettext_lazy("Village code"),
    "area_name": gettext_lazy("Village"),
    "name": gettext_lazy("Name"),
    "nik": gettext_lazy("NIK (masked)"),
    "card_number": gettext_lazy("Family card number (masked)"),
    "address": gettext_lazy("Address"),
    "status": gettext_lazy("Poverty status"),
    "decile": gettext_lazy("Welfare decile"),
    "score": gettext_lazy("Score"),
}
IDENTIFIERS = {"area_id", "nik", "card_number"}
SEALED = {"nik": TargetRow.nik, "card_number": TargetRow.card_number}
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class ListFile:
    """``rows`` have the keys of ``COLUMNS``; ``filters`` is the query string that narrowed them, or empty."""

    target_list: TargetList
    rows: Sequence[dict[str, Any]]
    by: User
    purpose: str
    filters: str = ""

    def response(self, kind: str) -> FileResponse:
        stream = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it when it is sent
        {"csv": self._write_csv, "json": self._write_json, "xlsx": self._write_xlsx}[kind](stream)
        stream.seek(0)
        program = self.target_list.program
        name = f"{program.code}-{program.year}-v{self.target_list.version}.{kind}"
        return FileResponse(stream, as_attachment=True, filename=name, content_type=MEDIA_TYPES[kind])

    def about(self) -> list[tuple[str, str | int]]:
        source = self.target_list
        facts: list[tuple[str, str | int]] = [
            (_("Programme"), str(source.program)),
            (_("Agency"), source.program.agency.name),
            (_("Version"), source.version),
            (_("State"), source.get_state_display()),
            (_("Rows in the list"), source.row_count),
            (_("Rows in this file"), len(self.rows)),
            (_("SHA-256 of the list"), source.sha256),
            (_("Built"), f"{wita(source.built_at)}, {source.built_by}"),
        ]
        if source.approved_at:
            facts.append((_("Approved"), f"{wita(source.approved_at)}, {source.approved_by}"))
        if self.filters:
            facts.append((_("Filter"), self.filters))
        return [*facts, (_("Fetched"), f"{wita(timezone.now())}, {self.by}"), (_("Purpose"), self.purpose)]

    def _write_csv(self, stream: IO[bytes]) -> None:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
        write_csv(text, [str(heading) for heading in COLUMNS.values()], self._cells())
        text.detach()

    def _write_xlsx(self, stream: IO[bytes]) -> None:
        columns = [Column(str(heading), key in IDENTIFIERS) for key, heading in COLUMNS.items()]
        sheet = SheetToWrite(_("Target list"), columns, self._cells())
        write_workbook(stream, [sheet], about=self.about())  # type: ignore[arg-type]  # any binary file will do

    def _write_json(self, stream: IO[bytes]) -> None:
        """The keys of the pages' rows; the score is text there too, so that no digit is lost."""
        about = json.dumps({str(term): value for term, value in self.about()}, ensure_ascii=False)
        stream.write(f'{{"about":{about},"rows":['.encode())
        for number, row in enumerate(self.rows):
            line = {key.removesuffix("_id"): value for key, value in row.items()}
            stream.write((",\n" if number else "\n").encode())
            stream.write(json.dumps(line, ensure_ascii=False, default=str).encode())
        stream.write(b"\n]}\n")

    def _cells(self) -> Iterator[list[Any]]:
        labels = {value: str(label) for value, label in StatusChoice.choices}
        for row in self.rows:
            words = row | {"status": labels.get(row["status"], row["status"])}
            yield [words[key] for key in COLUMNS]


def file_rows(rows: QuerySet[TargetRow]) -> list[dict[str, Any]]:
    """Plain dictionaries with the keys of ``COLUMNS``, numbers masked: one query, however many rows."""
    columns = [SEALED[key].sealed if key in SEALED else key for key in COLUMNS]
    return [_masked(dict(zip(COLUMNS, row, strict=True))) for row in rows.values_list(*columns)]


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    return row | {key: str(held.opened(row[key], row["id"])) for key, held in SEALED.items()}
