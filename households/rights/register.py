"""The register of processing (UU 27/2022 Pasal 31) as Markdown, made from the lists in the code."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import override

from households.rights.retention import PERIODS
from registry.purposes import PURPOSES, Purpose

INTRODUCTION = """# Register of processing

Every processing of personal data by this product, as UU 27/2022 Pasal 31 asks the controller to record. Made
by `manage.py processing_register` from `registry/purposes.py` and the retention table in the code: change
those, not this page. The regency, as controller, adds its name, its data protection officer (Pasal 53) and
its signature.
"""


def as_markdown() -> str:
    with override("en"):
        return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield INTRODUCTION
    for purpose in PURPOSES:
        yield from _purpose(purpose)
    yield "## How long data are kept\n"
    yield "| class | data | kept for | from | set by |"
    yield "|---|---|---|---|---|"
    for period in PERIODS:
        yield f"| `{period.code}` | {period.label} | {period.time} | {period.event} | {period.ground} |"
    yield ""
    yield "Backups are outside the product and expire by the regency's own plan; 30 days at most is advised."
    yield "After one is restored, `manage.py replay_erasures` makes it forget again."


def _purpose(purpose: Purpose) -> Iterator[str]:
    yield f"## {purpose.label}\n"
    yield "| | |"
    yield "|---|---|"
    yield f"| code | `{purpose.code}` |"
    yield f"| basis | {purpose.basis} |"
    yield f"| data | {_joined(purpose.data)} |"
    yield f"| received by | {_joined(purpose.recipients)} |"
    yield f"| kept | {', '.join(f'`{code}`' for code in purpose.kept)} |"
    if purpose.readings:
        yield f"| in the access log as | {', '.join(f'“{text.strip()}”' for text in purpose.readings)} |"
    if purpose.routes:
        yield f"| in the access log from | {', '.join(f'`{name}`' for name in purpose.routes)} |"
    yield ""


def _joined(texts: tuple[Any, ...]) -> str:
    return "; ".join(str(text) for text in texts)
