"""What every viewset of the API does: strict parameters, a price per token, and a trail of who was shown."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeVar, cast

from django.db.models import Model
from django.utils.translation import gettext_noop
from rest_framework.viewsets import GenericViewSet

from registry.api.filters import refuse_unknown_parameters
from registry.api.schema import ApiSchema
from registry.api.throttling import TokenThrottle
from registry.audit import record_reading
from registry.models import ApiToken, Shown, User
from registry.permissions import StaffRequest

M = TypeVar("M", bound=Model)


class ApiViewSet(GenericViewSet[M]):
    """``permissions`` names what each action needs; an action it does not name is refused."""

    permissions: ClassVar[Mapping[str, str]] = {}
    throttle_classes = [TokenThrottle]
    metadata_class = None
    lookup_value_regex = "[0-9]+"
    schema = ApiSchema()

    @property
    def account(self) -> User:
        """Who asks; nobody gets this far without a role."""
        return cast(User, self.request.user)

    def filter_queryset(self, queryset: Any) -> Any:
        """Filters belong to lists: one object is found by its key alone."""
        if not self.detail:
            return super().filter_queryset(queryset)
        refuse_unknown_parameters(self.request)
        return queryset


class PeopleViewSet(ApiViewSet[M]):
    """Its rows are people's: every page and every single object is in the access log before it leaves."""

    shows: ClassVar[Shown]
    shows_one: ClassVar[Shown | None] = None  # where one object shows more than its line in the list
    household_key: ClassVar[str] = "household_id"
    member_key: ClassVar[str] = ""  # only where a row is of one person

    def paginate_queryset(self, queryset: Any) -> list[Any] | None:
        page = super().paginate_queryset(queryset)
        self.record(page or ())
        return page

    def get_object(self) -> M:
        thing = super().get_object()
        self.record([thing])
        return thing

    def record(self, rows: Iterable[Any]) -> None:
        """``rows`` are objects, or dictionaries with the keys of their columns."""
        shown = list(rows)
        members = (_value(row, self.member_key) for row in shown) if self.member_key else ()
        record_reading(
            # The framework's request passes on everything of Django's that a reading needs.
            cast(StaffRequest, self.request),
            purpose=self.purpose(),
            shown=self.shows_one or self.shows if self.detail else self.shows,
            household_ids=dict.fromkeys(_value(row, self.household_key) for row in shown),
            member_ids=(member for member in members if member),
            subject=self.subject(),
        )

    def subject(self) -> str:
        """What the rows are part of, as ``registry.audit.subject_of`` names it."""
        return ""

    def purpose(self) -> str:
        token = self.request.auth
        return token.purpose if isinstance(token, ApiToken) else gettext_noop("API, signed in as a user")


def _value(row: Any, key: str) -> Any:
    return row[key] if isinstance(row, Mapping) else getattr(row, key)
