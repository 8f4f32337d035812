"""Who may do what with whose: said here a second time, by hand, and by no code of the product.

One line for each URL pattern. ``get`` and ``post`` name the roles that are answered; the other columns say
whose objects each of them reaches. A pattern without a line makes the matrix red.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

VILLAGE, DISTRICT, SOCIAL, SECRETARIAT = (
    "village_operator",
    "district_verifier",
    "social_office",
    "secretariat",
)
TKPK, OFFICE, OTHER_OFFICE, AUDITOR, ADMIN = (
    "tkpk_member",
    "agency_office",
    "other_agency_office",
    "auditor",
    "superadmin",
)
TOKEN, OTHER_TOKEN = "agency_token", "other_agency_token"

Roles = frozenset[str]
NOBODY: Roles = frozenset()
SIGNED_IN = frozenset((VILLAGE, DISTRICT, SOCIAL, SECRETARIAT, TKPK, OFFICE, OTHER_OFFICE, AUDITOR, ADMIN))
TOKENS = frozenset((TOKEN, OTHER_TOKEN))
OFFICES = frozenset((OFFICE, OTHER_OFFICE))
READERS = frozenset((VILLAGE, DISTRICT, SOCIAL, SECRETARIAT, AUDITOR, ADMIN))  # of people
ENTERERS = frozenset((VILLAGE, DISTRICT, SOCIAL, ADMIN))  # of people
COMPARERS = frozenset((VILLAGE, DISTRICT, SOCIAL))  # of a number with the card
UPLOADERS = frozenset((VILLAGE, DISTRICT))  # of the workbooks that the world holds
RECEIVERS = frozenset((VILLAGE, DISTRICT, SOCIAL, ADMIN))  # of citizens' requests
DECIDERS = frozenset((DISTRICT, SOCIAL))
REQUEST_READERS = RECEIVERS | {AUDITOR}
STAFF = READERS  # come into the staff's forms
FIGURES = frozenset((DISTRICT, SOCIAL, SECRETARIAT, TKPK, AUDITOR, ADMIN))  # read coordination figures
CENTRE = frozenset((SOCIAL, SECRETARIAT, AUDITOR, ADMIN))  # read every programme
PROGRAMMES = CENTRE | OFFICES
STEERERS = frozenset((SECRETARIAT, ADMIN))
AUDITORS = frozenset((AUDITOR, ADMIN))

Reach = Mapping[str, Iterable[str]]
OWN, DISTRICT_WIDE, ALL = ("own",), ("own", "sibling"), ("own", "sibling", "other")
# Roles that are not named reach everything that exists.
BY_AREA: Reach = {VILLAGE: OWN, DISTRICT: DISTRICT_WIDE}
BY_UPLOADER: Reach = {VILLAGE: OWN, DISTRICT: OWN}
BY_AGENCY: Reach = dict.fromkeys(OFFICES | TOKENS, DISTRICT_WIDE)  # two lists of one programme
# own: an approved list of the agency, sibling: its draft, other: another agency's approved list
BY_LIST: Reach = dict.fromkeys(OFFICES | TOKENS, OWN) | dict.fromkeys((SOCIAL, AUDITOR), ("own", "other"))
BY_APPROVED_ROW: Reach = dict.fromkeys(OFFICES | TOKENS, OWN) | dict.fromkeys(STEERERS, ("own", "other"))
BY_OWNER: Reach = dict.fromkeys(OFFICES, OWN)
EVERYWHERE: Reach = {}
WHATEVER: Reach = dict.fromkeys(SIGNED_IN, (*ALL, "none"))  # the address is answered without a look at it

ALWAYS = ("GET", "HEAD", "POST")


@dataclass(frozen=True)
class Row:
    """``of``: what the address names; ``of_body``: what the body names, refused there and not with 404.

    ``sees``: who learns that the object exists, where more may see than may do. ``answer``: for everybody
    who comes so far, whatever the rest says.
    """

    get: Roles = NOBODY
    post: Roles = NOBODY
    reach: Reach = field(default_factory=dict)
    of: str = ""
    of_body: str = ""
    sees: Roles | None = None
    methods: tuple[str, ...] = ALWAYS
    kind: str = "page"  # page, staff, api or public
    fixed: Mapping[str, str] = field(default_factory=dict)
    answer: str = ""

    def reaches(self, role: str, whose: str) -> bool:
        return whose in self.reach.get(role, ALL)

    def actor(self, role: str) -> str:
        """Who fills in the form that ``role`` sends: a token's owner for a token."""
        able, role = self.post - TOKENS, role.replace("token", "office")
        return role if role in able else next(iter(sorted(able)), ADMIN)


def page(who: Roles, of: str = "", reach: Reach = EVERYWHERE, **other: object) -> Row:
    """Read by GET; a page without a form answers POST as it answers GET."""
    return Row(get=who, post=other.pop("post", who), of=of, reach=reach, **other)  # type: ignore[arg-type]


def api(who: Roles, of: str = "", reach: Reach = EVERYWHERE, post: Roles = NOBODY, of_body: str = "") -> Row:
    methods = ALWAYS if post else ("GET", "HEAD")
    return Row(get=who, post=post, of=of, of_body=of_body, reach=reach, methods=methods, kind="api")


def staff(who: Roles, of: str = "", reach: Reach = EVERYWHERE, **other: object) -> Row:
    return page(who, of, reach, kind="staff", **other)


def public(**other: object) -> Row:
    return Row(kind="public", **other)  # type: ignore[arg-type]


def staff_forms(
    model: str, of: str, see: Roles, add: Roles, change: Roles, reach: Reach, of_body: str = ""
) -> dict[str, Row]:
    """Nothing is deleted, and the trail of changes is not Django's."""
    return {
        f"admin:{model}_changelist": staff(see),
        f"admin:{model}_add": staff(add, reach=reach, of_body=of_body),
        f"admin:{model}_change": staff(see, of, reach, post=change, sees=see),
        f"admin:{model}_delete": staff(NOBODY, of, reach, sees=see),
        f"admin:{model}_history": staff(STAFF, of, answer="404"),
        f"admin/{model.replace('_', '/')}/%(object_id)s/": staff(STAFF, of, WHATEVER),
    }


ONLY_GET, ONLY_POST = ("GET",), ("POST",)
ROWS: dict[str, Row] = {
    # everybody
    "healthz": public(),
    "readyz": public(),
    "login": public(),
    "set_language": public(),
    "openapi": public(methods=("GET", "HEAD", "OPTIONS")),
    "swagger": public(methods=("GET", "HEAD")),
    "privacy-notice": public(methods=("GET", "HEAD")),
    # everybody who has signed in
    "home": page(SIGNED_IN),
    "logout": page(SIGNED_IN, methods=ONLY_POST),
    # people
    "household-list": page(READERS),
    "household-create": page(ENTERERS, reach=BY_AREA, of_body="area"),
    "household-detail": page(READERS, "household", BY_AREA),
    "household-change": page(ENTERERS, "household", BY_AREA),
    "household-close": page(ENTERERS, "household", BY_AREA),
    "family-create": page(ENTERERS, "household", BY_AREA),
    "assessment-create": page(ENTERERS, "household", BY_AREA),
    "family-change": page(ENTERERS, "family", BY_AREA),
    "member-create": page(ENTERERS, "family", BY_AREA),
    "member-list": page(READERS),
    "member-change": page(ENTERERS, "member", BY_AREA),
    "member-number": page(COMPARERS, "member", BY_AREA),
    "family-number": page(COMPARERS, "family", BY_AREA),
    # their requests
    "request-list": page(REQUEST_READERS),
    "request-create": page(RECEIVERS, "household", BY_AREA),
    "request-detail": page(REQUEST_READERS, "request", BY_AREA, post=DECIDERS),
    # imports
    "import-list": page(READERS, post=ENTERERS),
    "import-template": page(ENTERERS, methods=ONLY_GET),
    "import-detail": page(READERS, "batch", BY_UPLOADER, methods=ONLY_GET),
    "import-confirm": page(ENTERERS, "batch", BY_UPLOADER, methods=ONLY_POST),
    "import-rejected": page(UPLOADERS, "batch", BY_UPLOADER, sees=ENTERERS, methods=ONLY_GET),
    # figures
    "dashboard": page(FIGURES),
    "coverage-list": page(FIGURES - {TKPK}),
    "report": page(FIGURES, "report"),
    "report-file": page(FIGURES, "report", fixed={"extension": "csv"}),
    "report-data": api(FIGURES, "report"),
    # programmes
    "program-list": page(PROGRAMMES),
    "program-detail": page(PROGRAMMES, "program", BY_AGENCY),
    "target-list-build": page(STEERERS, "program", methods=ONLY_POST),
    "target-list-detail": page(PROGRAMMES, "target_list", BY_LIST),
    "target-list-approve": page(STEERERS, "target_list", methods=ONLY_POST),
    # one's own sign-in
    "account": page(SIGNED_IN),
    "password-change": page(SIGNED_IN),
    "second-factor": page(SIGNED_IN),  # who has none is sent on
    "second-factor-setup": page(SIGNED_IN, of_body="code", reach=dict.fromkeys(SIGNED_IN, ())),
    "recovery-codes": page(SIGNED_IN, methods=ONLY_POST),
    # tokens
    "token-list": page(OFFICES),
    "token-create": page(OFFICES),
    "token-revoke": page(OFFICES, "token", BY_OWNER),
    # the API
    "api-area-list": api(SIGNED_IN | TOKENS),
    "api-area-detail": api(SIGNED_IN | TOKENS, "area"),
    "api-household-list": api(READERS),
    "api-household-detail": api(READERS, "household", BY_AREA),
    "api-member-list": api(READERS),
    "api-assessment-list": api(READERS),
    "api-assessment-detail": api(READERS, "assessment", BY_AREA),
    "api-status-list": api(READERS),
    "api-program-list": api(PROGRAMMES | TOKENS),
    "api-program-detail": api(PROGRAMMES | TOKENS, "program", BY_AGENCY),
    "api-target-list-list": api(PROGRAMMES | TOKENS),
    "api-target-list-detail": api(PROGRAMMES | TOKENS, "target_list", BY_LIST),
    "api-target-row-list": api(PROGRAMMES | TOKENS, "target_list", BY_LIST),
    "api-target-row-changes": api(PROGRAMMES | TOKENS, "target_list", BY_LIST),
    "api-target-rows-csv": api(PROGRAMMES | TOKENS, "target_list", BY_LIST),
    "api-target-rows-json": api(PROGRAMMES | TOKENS, "target_list", BY_LIST),
    "api-target-rows-xlsx": api(PROGRAMMES | TOKENS, "target_list", BY_LIST),
    "api-realisation-list": api(
        PROGRAMMES | TOKENS,
        reach=BY_APPROVED_ROW,
        post=STEERERS | OFFICES | TOKENS,
        of_body="target_row",
    ),
    # the staff's forms
    "admin:index": staff(STAFF),
    "admin:search": staff(STAFF),
    "admin:jsi18n": staff(STAFF, methods=("GET", "HEAD")),
    "admin:autocomplete": staff(CENTRE, methods=("GET", "HEAD")),  # of agencies, see QUERIES
    "admin:app_list": staff(STAFF, "room"),
    "admin:password_change": staff(STAFF),
    "admin:password_change_done": staff(STAFF, methods=("GET", "HEAD")),
    "admin:auth_user_password_change": staff(frozenset({ADMIN}), "user"),
    "admin:households_scheme_new_version": staff(STEERERS, "scheme"),
    "admin/%(url)s": staff(STAFF, fixed={"url": "no-such-page"}, answer="404"),
    **staff_forms("registry_area", "area", STAFF, frozenset({ADMIN}), frozenset({ADMIN}), BY_AREA),
    **staff_forms("registry_agency", "agency", CENTRE, STEERERS, STEERERS, EVERYWHERE),
    **staff_forms("registry_auditevent", "deed", AUDITORS, NOBODY, NOBODY, EVERYWHERE),
    **staff_forms("registry_accesslog", "reading", AUDITORS, NOBODY, NOBODY, EVERYWHERE),
    **staff_forms("registry_user", "user", AUDITORS, frozenset({ADMIN}), frozenset({ADMIN}), EVERYWHERE),
    **staff_forms("households_household", "household", READERS, ENTERERS, ENTERERS, BY_AREA, "area"),
    **staff_forms("households_family", "family", READERS, NOBODY, ENTERERS, BY_AREA),
    **staff_forms("households_member", "member", READERS, NOBODY, ENTERERS, BY_AREA),
    **staff_forms("households_assessment", "assessment", READERS, NOBODY, NOBODY, BY_AREA),
    **staff_forms("households_povertystatus", "status", READERS, NOBODY, NOBODY, BY_AREA),
    **staff_forms("households_scheme", "scheme", STAFF, STEERERS, STEERERS, EVERYWHERE),
    **staff_forms("programs_program", "program", CENTRE, STEERERS, STEERERS, EVERYWHERE),
}
ROWS["admin/%(url)s"] = replace(ROWS["admin/%(url)s"], reach=WHATEVER)

# What a page must be asked for to have something to answer.
QUERIES = {
    "coverage-list": "?measure=poor&year={year}",
    "api-target-row-changes": "?since=1",
    "admin:autocomplete": "?app_label=programs&model_name=program&field_name=agency&term=Dinas",
    "admin:search": "?s=ZQ",
}
# The door of the staff's forms is no form: it only sends people on.
DOORS = {
    "admin:login": {
        "anonymous": "sign in",
        "staff": "ok",
        "others": "403",
        "methods": ALWAYS,
    },
    "admin:logout": {"anonymous": "sign in", "staff": "ok", "others": "ok", "methods": ONLY_POST},
}


def expectation_of(name: str) -> Row | None:
    return Row(kind="door") if name in DOORS else ROWS.get(name)


def expected(name: str, method: str, role: str, whose: str) -> str:
    """ok, sign in, refused (by the form, or 400), 401, 403, 404 or 405."""
    row = expectation_of(name)
    assert row is not None, name
    if row.kind != "api" and name != "openapi" and method not in ALWAYS:
        return "405"
    if row.kind == "door":
        return _door(name, method, role)
    if row.kind == "public":
        return _public(name, row, method, role)
    is_known = role in SIGNED_IN or (row.kind == "api" and role in TOKENS)
    if not is_known:
        return "401" if row.kind == "api" else "sign in"
    if row.kind == "staff" and role not in STAFF:
        return "sign in"
    if method not in row.methods:
        return "405"
    return row.answer or _of_object(name, row, method, role, whose)


def _of_object(name: str, row: Row, method: str, role: str, whose: str) -> str:
    able = row.post if method == "POST" else row.get
    if row.of == "report" and whose == "none":
        return "404"  # the names of reports are no secret
    if role not in (able if row.sees is None else row.sees):
        return "403"
    if row.of and not row.reaches(role, whose):
        return "404"
    if role not in able:
        return "403"
    if method == "POST" and row.of_body and not row.reaches(role, whose):
        return "refused"
    return "ok"


def _public(name: str, row: Row, method: str, role: str) -> str:
    if role == "revoked_token" and name in ("openapi", "swagger"):
        return "401"  # a wrong token is told so, even where none is asked for
    return "ok" if method in row.methods else "405"


def _door(name: str, method: str, role: str) -> str:
    door = DOORS[name]
    if role not in SIGNED_IN:
        return str(door["anonymous"])
    if role not in STAFF:
        return str(door["others"])
    return str(door["staff"]) if method in door["methods"] else "405"


# Which answers may hold a whole identity number, and for whom.
FULL_NUMBERS: dict[str, Roles] = {
    "member-number": COMPARERS,
    "family-number": COMPARERS,
    "import-rejected": UPLOADERS,
}

# What a reading says that an answer showed of people; other answers leave none.
SHOWN: dict[str, tuple[str, ...]] = {
    "line": (
        *("household-list", "household-change", "household-close", "family-create", "member-create"),
        *("request-create", "coverage-list", "api-household-list"),
        *("admin:households_household_changelist", "admin:households_assessment_changelist"),
    ),
    "person": (
        *("family-change", "family-number", "member-list", "member-change", "member-number"),
        *("api-member-list", "admin:households_family_changelist", "admin:households_family_change"),
        *("admin:households_member_changelist", "admin:households_member_change"),
    ),
    "record": (
        *("household-detail", "request-list", "request-detail", "api-household-detail"),
        "admin:households_household_change",
    ),
    "answers": (
        *("assessment-create", "api-assessment-list", "api-assessment-detail"),
        "admin:households_assessment_change",
    ),
    "status": (
        *("api-status-list", "admin:households_povertystatus_changelist"),
        "admin:households_povertystatus_change",
    ),
    "import": ("import-detail", "import-rejected"),
    "target": ("target-list-detail", "api-target-row-list", "api-target-row-changes"),
    "file": ("api-target-rows-csv", "api-target-rows-json", "api-target-rows-xlsx"),
    "realisation": ("api-realisation-list",),
    "changes": ("admin:registry_auditevent_change",),
}

NEVER_OK = {
    "_history": "Django's own trail stays empty: deeds are the trail",
    "_delete": "nothing is deleted",
    "auditevent_add": "the trail writes itself",
    "accesslog_add": "the trail writes itself",
    "family_add": "added on the page of its household",
    "member_add": "added on the page of its household",
    "assessment_add": "made on the page of its household",
    "povertystatus_add": "judged, never typed",
    "admin/%(url)s": "what has no page",
}
# Whose GET shows nothing to anybody: it only sends on.
ONLY_SENDS_ON = {
    "home": "to the page that a role begins with",
    "second-factor": "who has none goes on; who has one is asked in the tests of signing in",
    "set_language": "back to where one was",
    "admin:login": "to the one page where everybody signs in",
    "admin:logout": "its form only: POST",
    "admin:password_change": "to the one page where everybody changes it",
    "admin:households_scheme_new_version": "to the form of a new scheme, filled in",
    "%(object_id)s/": "Django's old addresses of the staff's forms",
}
# The code of the moment is tried in the tests of signing in.
NEEDS_A_CODE = ("second-factor-setup",)
READ_ONLY_STAFF_FORMS = ("auditevent_change", "accesslog_change", "assessment_change", "povertystatus_change")
NEVER_DENIED = {
    "healthz": "says only that the process lives",
    "readyz": "says only that the database answers",
    "login": "where everybody begins",
    "set_language": "a visitor chooses her language",
    "privacy-notice": "everybody may know what is done with her data",
}
