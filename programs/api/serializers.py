"""Programmes, lists and realisations as programs read them. Fields are listed one by one."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from households.api.serializers import MaskedField
from programs.models import Criterion, DistrictQuota, Program, Realisation, TargetList, TargetRow

LARGEST_ID = 2**63 - 1


class CriterionSerializer(serializers.ModelSerializer[Criterion]):
    sentence = serializers.CharField(source="__str__", read_only=True)

    class Meta:
        model = Criterion
        fields = ["fact", "comparison", "value", "sentence"]
        read_only_fields = fields


class DistrictQuotaSerializer(serializers.ModelSerializer[DistrictQuota]):
    area = serializers.CharField(source="area_id", read_only=True)

    class Meta:
        model = DistrictQuota
        fields = ["area", "quota"]
        read_only_fields = fields


class ProgramSerializer(serializers.ModelSerializer[Program]):
    agency = serializers.CharField(source="agency.code", read_only=True)
    criteria = CriterionSerializer(many=True, read_only=True)
    district_quotas = DistrictQuotaSerializer(many=True, read_only=True)

    class Meta:
        model = Program
        fields = [
            "id",
            "code",
            "name",
            "agency",
            "cluster",
            "strategy",
            "unit",
            "year",
            "budget_ceiling",
            "unit_cost",
            "quota",
            "criteria",
            "district_quotas",
        ]
        read_only_fields = fields


@extend_schema_field({"type": "object"})
class FactsField(serializers.JSONField):
    pass


class RuleSerializer(serializers.Serializer[dict[str, str]]):
    fact = serializers.CharField()
    comparison = serializers.CharField()
    value = serializers.CharField()


class TargetListSerializer(serializers.ModelSerializer[TargetList]):
    program_code = serializers.CharField(source="program.code", read_only=True)
    program_name = serializers.CharField(source="program.name", read_only=True)
    year = serializers.IntegerField(source="program.year", read_only=True)
    agency = serializers.CharField(source="program.agency.code", read_only=True)
    rules = RuleSerializer(many=True, read_only=True)
    built_by = serializers.CharField(read_only=True)
    approved_by = serializers.CharField(read_only=True, allow_null=True)
    rows = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField()

    class Meta:
        model = TargetList
        fields = [
            "id",
            "program",
            "program_code",
            "program_name",
            "year",
            "agency",
            "version",
            "state",
            "rules",
            "eligible_count",
            "row_count",
            "built_by",
            "built_at",
            "approved_by",
            "approved_at",
            "sha256",
            "rows",
            "files",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.URLField())
    def get_rows(self, target_list: TargetList) -> str:
        return reverse("api-target-row-list", [target_list.pk], request=self.context["request"])

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "string", "format": "uri"}})
    def get_files(self, target_list: TargetList) -> dict[str, str]:
        request = self.context["request"]
        return {
            kind: reverse(f"api-target-rows-{kind}", [target_list.pk], request=request)
            for kind in ("json", "csv", "xlsx")
        }


class TargetRowSerializer(serializers.ModelSerializer[TargetRow]):
    """Expects ``programs.api.lists.rows_of``."""

    district_name = serializers.CharField(read_only=True)
    area = serializers.CharField(source="area_id", read_only=True)
    area_name = serializers.CharField(read_only=True)
    nik = MaskedField(read_only=True)
    card_number = MaskedField(read_only=True)
    facts = FactsField(read_only=True)

    class Meta:
        model = TargetRow
        fields = [
            "id",
            "rank",
            "household",
            "family",
            "member",
            "district_name",
            "area",
            "area_name",
            "name",
            "nik",
            "card_number",
            "address",
            "status",
            "decile",
            "score",
            "facts",
        ]
        read_only_fields = fields


class ChangedRowSerializer(serializers.Serializer[dict[str, Any]]):
    fields_changed = serializers.ListField(child=serializers.CharField())
    row = TargetRowSerializer()


class ChangesSerializer(serializers.Serializer[dict[str, Any]]):
    since = serializers.IntegerField()
    version = serializers.IntegerField()
    added = TargetRowSerializer(many=True)
    changed = ChangedRowSerializer(many=True)
    removed = TargetRowSerializer(many=True)


class RealisationSerializer(serializers.ModelSerializer[Realisation]):
    target_list = serializers.IntegerField(source="target_row.target_list_id", read_only=True)
    area = serializers.CharField(source="area_id", read_only=True)
    replaces = serializers.CharField(
        source="replaces.reference", default=None, allow_null=True, read_only=True
    )

    class Meta:
        model = Realisation
        fields = [
            "id",
            "target_row",
            "target_list",
            "household",
            "area",
            "outcome",
            "realised_on",
            "amount",
            "note",
            "reference",
            "replaces",
            "reported_at",
        ]
        read_only_fields = fields


class RealisationReportSerializer(serializers.ModelSerializer[Realisation]):
    """One delivery as an agency reports it. The row is looked up by the viewset, all of a batch at once."""

    target_row = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    replaces = serializers.CharField(
        max_length=60, required=False, help_text="Reference of an earlier report of this target to correct."
    )

    class Meta:
        model = Realisation
        fields = ["target_row", "outcome", "realised_on", "amount", "note", "reference", "replaces"]
        extra_kwargs = {"amount": {"min_value": 0}}

    def get_validators(self) -> list[Any]:
        return []  # a repeated reference is no error: the service gives the first answer again

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, Mapping) else []
        if unknown:
            raise serializers.ValidationError({name: [_("Unknown field.")] for name in unknown})
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        is_delivered = attrs["outcome"] == Realisation.Outcome.DELIVERED
        has_amount = attrs.get("amount") is not None
        if is_delivered and not has_amount:
            raise serializers.ValidationError({"amount": [_("Say how many rupiah were delivered.")]})
        if has_amount and not is_delivered:
            raise serializers.ValidationError({"amount": [_("Only a delivery has an amount.")]})
        return attrs
