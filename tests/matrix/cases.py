"""Every URL pattern x method x role x whose: the cases, and how one is asked.

The patterns are read from the URL configuration, so a new page is in the matrix the moment it has an
address. What the answer should be stands in tests/matrix/expectations.py, which no product code reads.
"""

import hashlib
import logging
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote

from django.core import mail
from django.core.cache import cache as django_cache
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from django.utils import timezone
from django.utils.regex_helper import normalize

from registry.logs import JsonLine
from registry.models import AccessLog
from tests.matrix.bodies import Body, body_of
from tests.matrix.canaries import IDENTITY_NUMBER, Value, readable, search
from tests.matrix.expectations import QUERIES, Row, expectation_of
from tests.matrix.world import YEAR, World

ALL_METHODS = "GET HEAD POST PUT PATCH DELETE OPTIONS"
METHODS = tuple(os.environ.get("SIMPUL_METHODS", ALL_METHODS).split())
WHOSE = ("own", "sibling", "other", "none")
TOKENS = ("agency_token", "other_agency_token", "revoked_token")
ROLES = (
    "anonymous",
    "disabled",
    "village_operator",
    "district_verifier",
    "social_office",
    "secretariat",
    "tkpk_member",
    "agency_office",
    "other_agency_office",
    "auditor",
    "superadmin",
    *TOKENS,
)
CHANGING = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-Za-z]{64}")
CONVERTER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Pattern:
    """``name`` with its namespace where there is one, else the route: what the expectations are keyed by."""

    name: str
    route: str
    arguments: tuple[str, ...]

    def path(self, arguments: dict[str, Any]) -> str:
        return "/" + self.route % arguments


@dataclass(frozen=True)
class Case:
    pattern: Pattern
    method: str
    role: str
    whose: str

    def __str__(self) -> str:
        return f"{self.pattern.name} {self.method} {self.role} {self.whose}".strip()


@dataclass
class Answer:
    """What came back, and what of people's was in it: body, headers, log lines and letters together."""

    status: int
    location: str
    looks_like: str
    has_identity_number: bool
    canaries: set[Value]
    logged: set[Value]
    request_lines: int
    readings: list[AccessLog]
    errors: str

    @property
    def is_refused_form(self) -> bool:
        return bool(self.errors)


@cache
def patterns() -> tuple[Pattern, ...]:
    """Those that SIMPUL_PATTERNS, a regular expression, finds; all without it."""
    wanted = re.compile(os.environ.get("SIMPUL_PATTERNS", ""))
    return tuple(pattern for pattern in _walk(get_resolver(), "", "") if wanted.search(pattern.name))


def _walk(resolver: URLResolver, route: str, namespace: str) -> Iterator[Pattern]:
    for entry in resolver.url_patterns:
        piece, arguments = _piece(entry)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry, route + piece, inner)
        else:
            name = f"{namespace}{entry.name}" if entry.name else route + piece
            yield Pattern(name, route + piece, arguments)


def _piece(entry: Any) -> tuple[str, tuple[str, ...]]:
    """Its part of the route with ``%(name)s`` for each argument."""
    if isinstance(entry.pattern, RoutePattern):
        route = str(entry.pattern)
        return CONVERTER.sub(r"%(\1)s", route), tuple(CONVERTER.findall(route))
    ((route, arguments),) = normalize(entry.pattern.regex.pattern)
    return route, tuple(arguments)


@cache
def cases() -> tuple[Case, ...]:
    """An unnamed area ("") where the address and the body name no object."""
    return tuple(
        Case(pattern, method, role, whose)
        for pattern in patterns()
        for method in METHODS
        for role in _roles(pattern)
        for whose in _whose(pattern, method)
    )


def _roles(pattern: Pattern) -> tuple[str, ...]:
    """A page knows no tokens: there whoever sends one is a stranger like any other."""
    return ROLES if pattern.route.startswith("api/") else ROLES[: -len(TOKENS)]


def looks_like(text: str, address: str) -> str:
    """A page without what differs between any two requests: address, request name and CSRF tokens."""
    path = address.split("?")[0]
    same = CHANGING.sub("", text).replace(path, "").replace(quote(path, safe=""), "")
    return hashlib.sha256(same.encode()).hexdigest()


def _whose(pattern: Pattern, method: str) -> tuple[str, ...]:
    row = expectation_of(pattern.name)
    if not (pattern.arguments or (method == "POST" and row and row.of_body)):
        return ("",)
    return WHOSE


class Asker:
    """Asks each case once, in a savepoint that is rolled back, and remembers the answer."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.answers: dict[Case, Answer] = {}
        self.bodies: dict[tuple[str, str, str], Body] = {}
        self.clients = {role: Client() for role in ROLES}
        self.plain_clients = {role: PlainClient() for role in ROLES}
        self.cookies = {role: _session(world, role) for role in ROLES if role in world.users}
        self.log = Lines()
        self.begun = timezone.now()  # of a trail of many months only this one is looked at

    def ask(self, case: Case) -> Answer:
        if case not in self.answers:
            self.answers[case] = self._ask(case)
        return self.answers[case]

    def _ask(self, case: Case) -> Answer:
        row = expectation_of(case.pattern.name) or Row()
        path = self.path(case, row)
        body = self._body(case, row) if case.method == "POST" else Body()
        query = QUERIES.get(case.pattern.name, "").format(year=YEAR)
        return self.send(case.role, case.method, path + query, body, known=case.pattern.arguments != ())

    def path(self, case: Case, row: Row) -> str:
        arguments = {
            name: row.fixed.get(name) or self.world.thing(row.of, case.whose, case.role)
            for name in case.pattern.arguments
        }
        return case.pattern.path(arguments)

    def send(
        self, role: str, method: str, address: str, body: Body | None = None, *, known: bool = False
    ) -> Answer:
        """``known``: the numbers in the address were told by whoever asks, so their echo betrays nothing."""
        body = body or Body()
        client = self.client(role) if method == "POST" else self._dressed(self.plain_clients[role], role)
        django_cache.clear()
        mail.outbox = []
        with self.log.listening(), transaction.atomic():
            response = client.generic(method, address, body.data, content_type=body.content_type)
            answer = self._read(
                address, response, told=address + body.readable if known or body.readable else ""
            )
            transaction.set_rollback(True)
        return answer

    def client(self, role: str) -> Client:
        """One for each role, whatever cookies the case before it left behind."""
        return self._dressed(self.clients[role], role)

    def _dressed(self, client: Client, role: str) -> Client:
        client.cookies = SimpleCookie(
            {name: morsel.value for name, morsel in self.cookies.get(role, {}).items()}
        )
        if role in TOKENS:
            client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {self.world.keys[role]}"
        return client

    def _body(self, case: Case, row: Row) -> Body:
        """Made once by who may send it, for an object of hers: the same bytes for everybody else."""
        actor = row.actor(case.role)
        key = (case.pattern.name, case.whose, actor)
        if key not in self.bodies:
            reached = case.whose if row.reaches(actor, case.whose) else "own"
            own = Case(case.pattern, "GET", actor, reached if case.pattern.arguments else "")
            with transaction.atomic():
                self.bodies[key] = body_of(
                    self.client(actor), self.path(own, row), case.pattern.name, self.world, case.whose, actor
                )
                transaction.set_rollback(True)
        return self.bodies[key]

    def _readings(self, response: HttpResponseBase) -> list[AccessLog]:
        """What this very request has left in the trail; a refusal shows nobody."""
        name = response.headers.get("X-Request-ID")
        if response.status_code != 200 or not name:
            return []
        return list(AccessLog.objects.filter(at__gte=self.begun, request_id=name))

    def _read(self, address: str, response: HttpResponseBase, told: str) -> Answer:
        body = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]
        text = readable(body, response.headers.get("Content-Type", ""))
        headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
        letters = "\n".join(f"{letter.subject}\n{letter.body}" for letter in mail.outbox)
        echoed = search(told, self.world.canaries)
        context = getattr(response, "context", None) or {}
        forms = [context.get("form"), *(context.get("members") or [])] if hasattr(context, "get") else []
        errors = [form.errors for form in forms if getattr(form, "errors", None)]
        return Answer(
            status=response.status_code,
            location=response.headers.get("Location", ""),
            looks_like=looks_like(text, address),
            has_identity_number=bool(IDENTITY_NUMBER.search(text)),
            canaries=search("\n".join((text, headers, letters)), self.world.canaries) - echoed,
            logged=search("\n".join(self.log.lines), self.world.canaries) - echoed,
            request_lines=self.log.requests,
            readings=self._readings(response),
            errors=str(errors or (context.get("errors") if context else "") or ""),
        )


def _session(world: World, role: str) -> SimpleCookie:
    """Signed in before she was disabled, where she was."""
    client = Client()
    client.force_login(world.users[role])
    return client.cookies


class PlainClient(Client):
    """Keeps no copies of templates and contexts, which nobody reads here. An exception is a 500."""

    def request(self, **request: Any) -> HttpResponseBase:
        return self.handler(self._base_environ(**request))


class Lines(logging.Handler):
    """Whatever any logger of the process says, from INFO on, as it is written in production.

    Its measures of the answer are left out: a number of bytes may be somebody's number by chance.
    """

    measures = re.compile(r'"(ms|bytes)": [\d.]+')
    loggers = tuple(logging.getLogger(name) for name in ("", "django", "simpul.requests"))

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLine())
        self.lines: list[str] = []
        self.requests = 0
        self.levels: list[int] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.measures.sub("", self.format(record)))
        self.requests += record.name == "simpul.requests"

    def listening(self) -> "Lines":
        self.lines, self.requests = [], 0
        return self

    def __enter__(self) -> None:
        self.levels = [logger.level for logger in self.loggers]
        for logger in self.loggers:
            logger.setLevel(logging.INFO)
        self.loggers[0].addHandler(self)

    def __exit__(self, *_details: object) -> None:
        self.loggers[0].removeHandler(self)
        for logger, level in zip(self.loggers, self.levels, strict=True):
            logger.setLevel(level)
