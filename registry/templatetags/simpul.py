"""How numbers, money, moments and identifiers are written: one way everywhere, in the reader's language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import template
from django.db.models import Choices
from django.http import HttpRequest
from django.template import Context
from django.utils import dateformat, timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from registry.numbers import IdentityNumber, mask

register = template.Library()

Number = int | float | Decimal | Fraction
NOT_KNOWN = "–"
PLACE_IN_LIST = ("page", "cursor")


@register.filter
def number(value: Number | None, places: int = 0) -> str:
    """1234567 as "1.234.567" (Indonesian) or "1,234,567" (English); ``places`` decimals, halves up."""
    if value is None or value == "":
        return NOT_KNOWN
    return number_format(_rounded(value, places), decimal_pos=places, use_l10n=True, force_grouping=True)


@register.filter
def rupiah(value: Number | None) -> str:
    """Whole rupiah, no space and no decimals: "Rp1.500.000"."""
    if value is None or value == "":
        return NOT_KNOWN
    whole = _rounded(value, 0)
    return f"{'-' if whole < 0 else ''}Rp{number(abs(whole))}"


@register.filter
def percent(ratio: Number | None, places: int = 1) -> str:
    """A ratio between 0 and 1 as "7,6%". Halves are rounded up, exactly."""
    if ratio is None or ratio == "":
        return NOT_KNOWN
    return f"{number(_exact(ratio) * 100, places)}%"


@register.filter
def wita(moment: datetime | date | None) -> str:
    """A moment as "24 November 2026 10.14 WITA"; a plain date without the time."""
    if not moment:
        return NOT_KNOWN
    if not isinstance(moment, datetime):
        return dateformat.format(moment, "j F Y")
    local = timezone.localtime(moment)
    clock = "H:i" if get_language() == "en" else "H.i"
    return f"{dateformat.format(local, f'j F Y {clock}')} WITA"


@register.filter
def masked(identifier: IdentityNumber | str | None) -> str:
    """A NIK or family card number without its middle six digits; any other length is hidden wholly."""
    return mask(str(identifier)) if identifier else NOT_KNOWN


@register.filter
def choice_label(value: object, choices: type[Choices] | Iterable[tuple[object, object]]) -> str:
    """The words for a stored code, from a Choices class or from pairs. An unlisted code shows as itself."""
    pairs = choices.choices if isinstance(choices, type) else choices
    return str(dict(pairs).get(value, value))


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: object) -> str:
    """The page's query string with ``changes``, from its "?" on; None or "" removes a name.

    The place in the list (page, cursor) is dropped unless itself changed: another filter begins at the top.
    """
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for name in (*PLACE_IN_LIST, *changes):
        query.pop(name, None)
    for name, value in changes.items():
        if value not in (None, ""):
            query[name] = str(value)
    return f"?{query.urlencode()}"


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a stacked bar, in hundredths of the bar's full length."""

    part: Mapping[str, Any]
    start: str
    width: str


@register.simple_tag
def stacked(parts: Sequence[Mapping[str, Any]], maximum: Number | None = None) -> list[Segment]:
    """Parts ({"value": ...}) laid end to end; without ``maximum`` they fill the bar."""
    values = [_exact(part["value"] or 0) for part in parts]
    scale = _exact(maximum or 0) or sum(values, Fraction(0))
    if not scale:
        return []
    start, segments = Fraction(0), []
    for part, value in zip(parts, values, strict=True):
        segments.append(Segment(part, _svg_length(start / scale * 100), _svg_length(value / scale * 100)))
        start += value
    return segments


@register.simple_block_tag
def scroll_box(content: str, label: object) -> SafeString:
    """Keeps a wide table inside the page: the box scrolls, also by keyboard, and not the page."""
    return format_html(
        '<div class="scroll-box" role="region" aria-label="{}" tabindex="0">{}</div>', label, content
    )


def _exact(value: Number | str) -> Fraction:
    # A float is taken as it is written (0.1), not as it is stored.
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def _rounded(value: Number | str, places: int) -> Decimal:
    scaled = _exact(value) * 10**places
    nearest = int(abs(scaled) + Fraction(1, 2))
    return Decimal(-nearest if scaled < 0 else nearest).scaleb(-places)


def _svg_length(value: Fraction) -> str:
    return f"{_rounded(value, 2).normalize():f}"
