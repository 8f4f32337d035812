"""Sentences stay English here and are translated where they are shown; this package knows no framework."""

from collections.abc import Callable, Mapping

Values = Mapping[str, str | int]


def gettext_noop(message: str) -> str:
    """Marks ``message`` for the translation catalogue."""
    return message


def fill(
    sentence: str,
    values: Values,
    translate: Callable[[str], str] = str,
    number: Callable[[int], str] = str,
) -> str:
    """Words among the values are translated too; ``number`` may group thousands."""
    words = {
        name: number(value) if isinstance(value, int) else translate(value) for name, value in values.items()
    }
    return translate(sentence) % words
