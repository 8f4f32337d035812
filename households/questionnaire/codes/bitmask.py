"""Answers where several boxes may be ticked: the stored number is the sum of the ticked codes."""

from collections.abc import Iterable
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


class Bitmask(models.IntegerChoices):
    """A list of boxes. Codes that are powers of two add up; the others (0 for none, 99) stand alone."""

    @classmethod
    def boxes(cls) -> list[Self]:
        return [member for member in cls if member.value.bit_count() == 1]

    @classmethod
    def decode(cls, value: int) -> tuple[Self, ...]:
        """The ticked boxes in the order of the form. ValidationError for a sum that no set of boxes makes."""
        alone = [member for member in cls if member.value == value]
        if alone:
            return tuple(alone)
        ticked = tuple(box for box in cls.boxes() if value & box.value)
        if value < 0 or sum(ticked) != value:
            raise ValidationError(
                _("%(value)s is not a sum of the codes of this question."),
                code="impossible_sum",
                params={"value": value},
            )
        return ticked

    @classmethod
    def encode(cls, ticked: Iterable[int]) -> int:
        """The number to store; ValidationError when "none" or "don't know" is ticked beside another box."""
        chosen = {cls(code) for code in ticked}
        stands_alone = [member for member in chosen if member not in cls.boxes()]
        if stands_alone and len(chosen) > 1:
            raise ValidationError(
                _("“%(answer)s” cannot be ticked together with another answer."),
                code="stands_alone",
                params={"answer": stands_alone[0].label},
            )
        return sum(chosen)

    @classmethod
    def validate(cls, value: int) -> None:
        """The model column's validator."""
        cls.decode(value)

    @classmethod
    def possible_values(cls) -> list[int]:
        """Every number the column may hold."""
        highest = sum(cls.boxes())
        return sorted({*range(1, highest + 1), *cls.values})
