"""Why personal data are processed here: the closed list behind the register of processing and the notice.

Each purpose names its basis among those of UU 27/2022 Pasal 20 paragraph (2), what is processed of whom, who
receives it, and which readings serve it: by the beginning of the purpose in the access log, or, where a
person types the purpose, of the page or command. The regency signs the list; a legal reading of it is the
regency's own.
"""

from dataclasses import dataclass
from itertools import chain

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

PUBLIC_TASK = _(
    "a task in the public interest, public service or authority under the law (UU 27/2022 Pasal 20 (2) e)"
)
LEGAL_DUTY = _("a legal duty of the controller (UU 27/2022 Pasal 20 (2) c)")

IDENTITY = _("name, NIK, family card number, sex, place and date of birth, relationship in the family")
HOME = _("address, coordinates, dwelling, water, lighting, belongings")
MONEY = _("work, income, savings, business (personal financial data: specific)")
HEALTH = _("disability, chronic illness, pregnancy, nutrition (health data: specific)")
CHILDREN = _("data of members under 18 (specific)")
VERDICT = _("poverty status, score, reasons and welfare decile")
SUPPORT = _("programmes the household is on, and what was delivered")
OFFICERS = _("names of officers, and what they read and changed")


@dataclass(frozen=True, slots=True)
class Purpose:
    """``kept`` are codes of the retention table (households/rights/retention.py).

    ``readings`` begin what we write as purpose into the access log; ``routes`` begin the names of pages and
    commands whose purpose the reader types, or an agency typed when it issued its token.
    """

    code: str
    label: Text
    basis: Text
    data: tuple[Text, ...]
    recipients: tuple[Text, ...]
    kept: tuple[str, ...]
    readings: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()


VILLAGE = _("the village office, for its own village")
DISTRICT = _("the district office, for its own district")
SOCIAL = _("the social affairs office")
SECRETARIAT = _("the TKPK secretariat (Bappeda)")
AGENCIES = _("the agency that runs the programme, for its own approved lists only")
AUDITOR = _("the auditor, who reads and cannot change")
THE_PERSON = _("the person who asks")

PURPOSES = (
    Purpose(
        "registration",
        _("Keep the registry of poor households: record, visit, correct and close"),
        PUBLIC_TASK,
        (IDENTITY, HOME, MONEY, HEALTH, CHILDREN),
        (VILLAGE, DISTRICT, SOCIAL, SECRETARIAT, AUDITOR),
        (
            "active",
            "closed-members",
            "closed-households",
            "history-household",
            "history-family",
            "history-member",
        ),
        (
            "household list",
            "household page",
            "member list",
            "assessment form",
            "add a family",
            "add a member",
            "before a full number",
            "number already registered",
            "change a family",
            "change a household",
            "change a member",
            "close a household",
            "staff forms: ",
        ),
        ("member-number", "family-number"),
    ),
    Purpose(
        "import",
        _("Take in workbooks that villages have filled in"),
        PUBLIC_TASK,
        (IDENTITY, HOME, MONEY, HEALTH, CHILDREN),
        (VILLAGE, DISTRICT, SOCIAL, SECRETARIAT, AUDITOR),
        ("imports-open", "imports-confirmed", "imports-left-over", "jobs"),
        ("preview of an import", "rejected rows of an import", "numbers of an import"),
    ),
    Purpose(
        "judging",
        _("Judge the poverty status by the official methods, by machine and open to objection"),
        PUBLIC_TASK,
        (HOME, MONEY, HEALTH, VERDICT),
        (VILLAGE, DISTRICT, SOCIAL, SECRETARIAT, AUDITOR),
        ("active", "closed-households"),
    ),
    Purpose(
        "targeting",
        _("Choose the recipients of a programme and see whom help does not reach"),
        PUBLIC_TASK,
        (IDENTITY, HOME, MONEY, HEALTH, VERDICT, SUPPORT),
        (SECRETARIAT, SOCIAL, AGENCIES, AUDITOR),
        ("target-list-drafts", "target-lists"),
        ("target list", "households behind a figure"),
    ),
    Purpose(
        "delivery",
        _("Deliver a programme to the people on its approved list and report what came of it"),
        PUBLIC_TASK,
        (IDENTITY, HOME, VERDICT, SUPPORT),
        (AGENCIES, SECRETARIAT, AUDITOR),
        ("target-lists",),
        ("API, signed in as a user",),
        ("api-",),
    ),
    Purpose(
        "coordination",
        _("Count households for the coordination team and for reports; no person is named"),
        PUBLIC_TASK,
        (VERDICT, SUPPORT),
        (SECRETARIAT, _("the members of the TKPK, as totals only")),
        ("active",),
    ),
    Purpose(
        "rights",
        _("Answer people who use their rights, and keep whom the registry has forgotten from coming back"),
        LEGAL_DUTY,
        (IDENTITY, VERDICT, _("the request and its answer; the keyed index of an erased person's NIK")),
        (VILLAGE, DISTRICT, SOCIAL, AUDITOR, THE_PERSON),
        ("granted-erasures", "requests", "tombstones"),
        ("citizens' requests", "request form"),
        ("manage.py subject_report",),
    ),
    Purpose(
        "protection",
        _("Protect the data: who signed in, who read whose data, who changed what"),
        LEGAL_DUTY,
        (OFFICERS,),
        (AUDITOR, _("the person, in the report about her own data")),
        ("access-log", "audit", "sessions", "jobs"),
        routes=("manage.py breach_report",),
    ),
)


def purpose_of(reading: str, route: str = "") -> Purpose | None:
    """What a row of the access log served, by its purpose and its route; what was typed says nothing."""
    by_route = (purpose for purpose in PURPOSES if route.startswith(purpose.routes))
    by_reading = (purpose for purpose in PURPOSES if reading.startswith(purpose.readings))
    return next(chain(by_route, by_reading), None)
