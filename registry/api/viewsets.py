"""What every viewset of the API does: strict parameters, a price per token, and a trail of who was shown."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeVar, cast

from django.db.models import Model
from rest_framework.viewsets import GenericViewSet

from registry.api.filters import refuse_unknown_parameters
from registry.api.schema import ApiSchema
from registry.api.throttling import TokenThrottle
from registry.audit import record_reading
from registry.models import ApiToken, User
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

    household_key: ClassVar[str] = "household_id"

    def paginate_queryset(self, queryset: Any) -> list[Any] | None:
        page = super().paginate_queryset(queryset)
        self.record(getattr(row, self.household_key) for row in page or ())
        return page

    def get_object(self) -> M:
        thing = super().get_object()
        self.record([getattr(thing, self.household_key)])
        return thing

    def record(self, household_ids: Iterable[int]) -> None:
        # The framework's request passes on everything of Django's that a reading needs.
        request = cast(StaffRequest, self.request)
        record_reading(request, purpose=self.purpose(), household_ids=dict.fromkeys(household_ids))

    def purpose(self) -> str:
        token = self.request.auth
        return token.purpose if isinstance(token, ApiToken) else "api"
