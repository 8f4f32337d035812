"""Reading only: households are entered by form and workbook."""

from django.db.models import QuerySet
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.serializers import BaseSerializer

from households.api import serializers
from households.filters import AssessmentFilter, HouseholdFilter, MemberFilter, PovertyStatusFilter
from households.models import Assessment, Household, Member, PovertyStatus
from registry.api.viewsets import PeopleViewSet
from registry.models import Shown


class HouseholdViewSet(ListModelMixin, RetrieveModelMixin, PeopleViewSet[Household]):
    """Households of the area that is yours to see; one of them with its families and members."""

    permissions = {"list": "households.view_household", "retrieve": "households.view_household"}
    queryset = Household.objects.none()
    filterset_class = HouseholdFilter
    shows, shows_one = Shown.LINE, Shown.RECORD
    household_key = "pk"

    def get_queryset(self) -> QuerySet[Household]:
        households = Household.objects.visible_to(self.request.user).for_list()
        return households.prefetch_related("families", "members") if self.detail else households

    def get_serializer_class(self) -> type[BaseSerializer[Household]]:
        return serializers.HouseholdDetailSerializer if self.detail else serializers.HouseholdSerializer


class MemberViewSet(ListModelMixin, PeopleViewSet[Member]):
    """Members of the households that are yours to see."""

    permissions = {"list": "households.view_member"}
    queryset = Member.objects.none()
    serializer_class = serializers.MemberSerializer
    filterset_class = MemberFilter
    shows = Shown.PERSON
    member_key = "pk"

    def get_queryset(self) -> QuerySet[Member]:
        return Member.objects.visible_to(self.request.user)


class AssessmentViewSet(ListModelMixin, RetrieveModelMixin, PeopleViewSet[Assessment]):
    """What was seen on a day, as codes; one of them with its members' answers."""

    permissions = {"list": "households.view_assessment", "retrieve": "households.view_assessment"}
    queryset = Assessment.objects.none()
    filterset_class = AssessmentFilter
    shows = Shown.ANSWERS

    def get_queryset(self) -> QuerySet[Assessment]:
        assessments = Assessment.objects.visible_to(self.request.user)
        return assessments.prefetch_related("members") if self.detail else assessments

    def get_serializer_class(self) -> type[BaseSerializer[Assessment]]:
        return serializers.AssessmentDetailSerializer if self.detail else serializers.AssessmentSerializer


class PovertyStatusViewSet(ListModelMixin, PeopleViewSet[PovertyStatus]):
    """Verdicts, oldest first: the newest of a household and scheme is the one in force."""

    permissions = {"list": "households.view_povertystatus"}
    queryset = PovertyStatus.objects.none()
    serializer_class = serializers.PovertyStatusSerializer
    filterset_class = PovertyStatusFilter
    shows = Shown.STATUS

    def get_queryset(self) -> QuerySet[PovertyStatus]:
        return PovertyStatus.objects.visible_to(self.request.user).select_related("scheme")
