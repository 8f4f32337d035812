"""What can be wrong with the input of a judgement."""

from collections.abc import Callable

from households.poverty.text import fill


class PovertyError(ValueError):
    """Keeps sentence and values apart, so that a form can show them in the reader's language."""

    def __init__(self, sentence: str, **values: str | int) -> None:
        super().__init__(fill(sentence, values))
        self.sentence = sentence
        self.values = values

    def text(self, translate: Callable[[str], str] = str) -> str:
        return fill(self.sentence, self.values, translate)


class FactsError(PovertyError):
    """An answer that the questionnaire does not have. It must not pass for a "no"."""


class ParameterError(PovertyError):
    """Parameters with which a method cannot judge."""
