"""Identity numbers as rows hold them: sealed, found by a blind index, masked wherever they are printed."""

import re
from typing import Any, Self, overload

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registry.bulk import new_ids
from registry.seals import blind_index, seal, unseal

# Sixteen digits or more, also as people group them: 6402 0605 0170 0001, 640206-050170-0001.
IDENTITY_NUMBER = re.compile(r"\d{16,}|\d(?:[\s.,/_\u2013\u2014-]{0,2}\d){15,}")


def mask(number: str) -> str:
    """``640206******0001``; what has not sixteen characters is hidden wholly. Masked twice stays the same."""
    return f"{number[:6]}******{number[-4:]}" if len(number) == 16 else "*" * len(number)


def mask_numbers(text: str) -> str:
    """``text`` with every identity number in it masked."""
    return IDENTITY_NUMBER.sub(lambda found: mask("".join(re.findall(r"\d", found[0]))), text)


def no_identity_number(text: str) -> None:
    """The validator of what people type freely: there a number would be neither sealed nor masked."""
    if IDENTITY_NUMBER.search(text):
        raise ValidationError(_("Do not write a NIK or family card number here."), code="identity_number")


class IdentityNumber:
    """Prints itself masked, so that a forgotten place shows no number; only ``reveal`` tells the digits.

    True when there is one. Opened when first asked, which raises BrokenSeal for a row that was tampered with.
    """

    __slots__ = ("_digits", "_place", "_sealed")

    def __init__(
        self, digits: str = "", *, sealed: bytes | memoryview | None = None, place: str = ""
    ) -> None:
        self._digits: str | None = digits if sealed is None else None
        self._sealed = sealed
        self._place = place

    def reveal(self) -> str:
        if self._digits is None:
            self._digits = unseal(self._sealed or b"", self._place)
        return self._digits

    def __str__(self) -> str:
        return mask(self.reveal())

    def __repr__(self) -> str:
        return f"<IdentityNumber {self}>"

    def __format__(self, wanted: str) -> str:
        return format(str(self), wanted)

    def __bool__(self) -> bool:
        return self._digits != ""

    def __eq__(self, other: object) -> bool:
        return (
            self.reveal() == digits_of(other) if isinstance(other, str | IdentityNumber) else NotImplemented
        )

    def __hash__(self) -> int:
        return hash(self.reveal())


def digits_of(number: str | IdentityNumber) -> str:
    return number.reveal() if isinstance(number, IdentityNumber) else number


class SealedText(property):
    """Text of a row that is kept in its column ``<name>_sealed``, bound to the table, the name and the id.

    A subclass of property, because a model's constructor takes a property's name as it takes a field's.
    """

    model: type[models.Model]
    name: str

    def __set_name__(self, owner: Any, name: str) -> None:
        self.model, self.name = owner, name
        self.sealed = f"{name}_sealed"

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.sealed,)

    def place(self, pk: object) -> str:
        return f"{self.model._meta.db_table}.{self.name}:{pk}"

    def seal(self, text: str, pk: int) -> bytes | None:
        return seal(text, self.place(pk)) if text else None

    def unseal(self, sealed: bytes | memoryview | None, pk: int) -> str:
        """Empty for nothing. Raises BrokenSeal."""
        return "" if sealed is None else unseal(sealed, self.place(pk))

    @overload
    def __get__(self, row: None, owner: type | None = None) -> Self: ...
    @overload
    def __get__(self, row: models.Model, owner: type | None = None) -> Any: ...
    def __get__(self, row: models.Model | None, owner: type | None = None) -> Any:
        return self if row is None else self.unseal(getattr(row, self.sealed), row.pk)

    def __set__(self, row: models.Model, text: Any) -> None:
        setattr(row, self.sealed, self.seal(text, row.pk))


class SealedNumber(SealedText):
    """An IdentityNumber, with a blind index beside it in ``<name>_index``: "" where there is no number.

    The row's class is a HoldsNumbers, which knows the id before the row is written. ``kind`` keeps the
    indexes of different numbers apart: two columns of one kind can be compared by their indexes.
    """

    def __init__(self, kind: str, verbose_name: str | Promise) -> None:
        super().__init__()
        self.kind, self.verbose_name = kind, verbose_name

    def __set_name__(self, owner: Any, name: str) -> None:
        super().__set_name__(owner, name)
        self.index, self.waiting = f"{name}_index", f"_{name}_waiting"

    @property
    def columns(self) -> tuple[str, ...]:
        """In the order of ``written``."""
        return self.sealed, self.index

    def written(self, digits: str, pk: int) -> tuple[bytes | None, str]:
        """What COPY writes into the two columns of row ``pk``."""
        return self.seal(digits, pk), blind_index(self.kind, digits)

    def opened(self, sealed: bytes | memoryview | None, pk: int) -> IdentityNumber:
        return IdentityNumber(sealed=sealed, place=self.place(pk))

    def index_of(self, number: str | IdentityNumber) -> str:
        return blind_index(self.kind, digits_of(number))

    @overload
    def __get__(self, row: None, owner: type | None = None) -> Self: ...
    @overload
    def __get__(self, row: models.Model, owner: type | None = None) -> IdentityNumber: ...
    def __get__(self, row: models.Model | None, owner: type | None = None) -> Any:
        if row is None:
            return self
        waiting = vars(row).get(self.waiting)
        return self.opened(getattr(row, self.sealed), row.pk) if waiting is None else IdentityNumber(waiting)

    def __set__(self, row: models.Model, number: Any) -> None:
        vars(row)[self.waiting] = digits_of(number or "")
        setattr(row, self.index, self.index_of(number or ""))
        if row.pk is not None:
            self.settle(row)

    def settle(self, row: models.Model) -> None:
        """Seals the digits that waited for the row's id."""
        digits = vars(row).pop(self.waiting, None)
        if digits is not None:
            setattr(row, self.sealed, self.seal(digits, row.pk))


class HoldsNumbers(models.Model):
    """Takes its id from the table's sequence before it is written, so that seals can be bound to it."""

    class Meta:
        abstract = True

    def save(self, **kwargs: Any) -> None:
        """``update_fields`` may name a sealed number as if it were a column."""
        if self.pk is None:
            self.pk = next(new_ids(type(self), 1))
            kwargs["force_insert"] = True
        columns = {held.name: held.columns for held in sealed_columns(type(self))}
        for name in columns:
            held = getattr(type(self), name)
            if isinstance(held, SealedNumber):
                held.settle(self)
        if kwargs.get("update_fields") is not None:
            given = kwargs["update_fields"]
            kwargs["update_fields"] = [each for name in given for each in columns.get(name, (name,))]
        super().save(**kwargs)


def sealed_columns(model: type[models.Model]) -> list[SealedText]:
    return [held for held in vars(model).values() if isinstance(held, SealedText)]
