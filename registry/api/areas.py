"""Areas for programs: the key is the Kemendagri code."""

from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, FilterSet
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.serializers import ModelSerializer, SlugRelatedField

from registry.api.viewsets import ApiViewSet
from registry.models import Area

CODE = Area._meta.get_field("code")


class AreaFilter(FilterSet):
    within = CharFilter(
        field_name="code",
        lookup_expr="startswith",
        validators=CODE.validators,
        label=_("code of the area above"),
    )

    class Meta:
        model = Area
        fields = ["level", "kind", "bps_code"]


class AreaSerializer(ModelSerializer[Area]):
    former_codes = SlugRelatedField[Area](many=True, read_only=True, slug_field="code")

    class Meta:
        model = Area
        fields = ["code", "name", "level", "kind", "bps_code", "former_codes"]
        read_only_fields = fields


class AreaViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet[Area]):
    permissions = {"list": "registry.view_area", "retrieve": "registry.view_area"}
    queryset = Area.objects.prefetch_related("former_codes")
    serializer_class = AreaSerializer
    filterset_class = AreaFilter
    lookup_value_regex = r"[0-9.]+"
