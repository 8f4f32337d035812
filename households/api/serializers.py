"""Households as programs read them. Fields are listed one by one; identity numbers leave masked."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction, extend_schema_field
from rest_framework import serializers

from households.models import Assessment, Family, Household, Member, MemberAssessment, PovertyStatus
from households.questionnaire.blocks import HOUSEHOLD_BLOCKS, MEMBER_BLOCKS
from households.questionnaire.questions import Block
from registry.numbers import IdentityNumber, mask


def code_field() -> serializers.IntegerField:
    """Made anew for each: one field object under two names answers twice with the value of the first."""
    return serializers.IntegerField(read_only=True, help_text="Regsosek 2022.K code.")


class MaskedField(serializers.CharField):
    """``640206******0001``; nothing where there is no number."""

    def to_representation(self, value: IdentityNumber | str) -> str:
        return mask(str(value))


class AnswersField(serializers.Field[Any, Any, dict[str, Any], Any]):
    """The answers to the questions of ``blocks``, as codes, numbers or yes and no; null is "not answered"."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        super().__init__(source="*", read_only=True)
        self.questions = [question for block in blocks for question in block.questions]

    def to_representation(self, value: Model) -> dict[str, Any]:
        return {question.field: getattr(value, question.field) for question in self.questions}


class AnswersFieldSchema(OpenApiSerializerFieldExtension):
    """Each question with its type and its number in the form."""

    target_class = AnswersField

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {
                question.field: {
                    "type": "boolean" if question.is_yes_no else "integer",
                    "nullable": True,
                    "description": f"Regsosek 2022.K {question.code}" if question.code else "",
                }
                for question in self.target.questions
            },
        }


class FamilySerializer(serializers.ModelSerializer[Family]):
    card_number = MaskedField(read_only=True)

    class Meta:
        model = Family
        fields = ["id", "position", "card_number"]
        read_only_fields = fields


class MemberSerializer(serializers.ModelSerializer[Member]):
    area = serializers.CharField(source="area_id", read_only=True)
    nik = MaskedField(read_only=True)
    household_relationship = code_field()
    family_relationship = code_field()
    closed_reason = serializers.IntegerField(read_only=True, allow_null=True, help_text="Presence code.")

    class Meta:
        model = Member
        fields = [
            "id",
            "household",
            "family",
            "area",
            "position",
            "name",
            "nik",
            "nik_missing",
            "sex",
            "birth_place",
            "birth_date",
            "household_relationship",
            "family_relationship",
            "closed_on",
            "closed_reason",
        ]
        read_only_fields = fields


class HouseholdSerializer(serializers.ModelSerializer[Household]):
    """Expects ``for_list()``."""

    area = serializers.CharField(source="area_id", read_only=True)
    area_name = serializers.CharField(source="area.name", read_only=True)
    head_name = serializers.CharField(read_only=True)
    size = serializers.IntegerField(read_only=True, help_text="Active members.")

    class Meta:
        model = Household
        fields = [
            "id",
            "area",
            "area_name",
            "number",
            "address",
            "hamlet",
            "rw",
            "rt",
            "head_name",
            "size",
            "status",
            "status_on",
            "decile",
            "closed_on",
            "closed_reason",
        ]
        read_only_fields = fields


class HouseholdDetailSerializer(HouseholdSerializer):
    families = FamilySerializer(many=True, read_only=True)
    members = MemberSerializer(many=True, read_only=True)

    class Meta(HouseholdSerializer.Meta):
        fields = [
            *HouseholdSerializer.Meta.fields,
            "latitude",
            "longitude",
            "current_assessment",
            "created_at",
            "families",
            "members",
        ]
        read_only_fields = fields


class AssessmentSerializer(serializers.ModelSerializer[Assessment]):
    area = serializers.CharField(source="area_id", read_only=True)
    answers = AnswersField(HOUSEHOLD_BLOCKS)

    class Meta:
        model = Assessment
        fields = [
            "id",
            "household",
            "area",
            "assessed_on",
            "enumerator",
            "source",
            "recorded_at",
            "answers",
        ]
        read_only_fields = fields


class MemberAnswersSerializer(serializers.ModelSerializer[MemberAssessment]):
    answers = AnswersField(MEMBER_BLOCKS)

    class Meta:
        model = MemberAssessment
        fields = ["member", "answers"]
        read_only_fields = fields


class AssessmentDetailSerializer(AssessmentSerializer):
    members = MemberAnswersSerializer(many=True, read_only=True)

    class Meta(AssessmentSerializer.Meta):
        fields = [*AssessmentSerializer.Meta.fields, "members"]
        read_only_fields = fields


@extend_schema_field({"type": "array", "items": {"type": "object"}})
class ReasonsField(serializers.JSONField):
    pass


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class MissingField(serializers.JSONField):
    pass


class PovertyStatusSerializer(serializers.ModelSerializer[PovertyStatus]):
    area = serializers.CharField(source="area_id", read_only=True)
    scheme = serializers.CharField(source="scheme.code", read_only=True)
    scheme_version = serializers.IntegerField(source="scheme.version", read_only=True)
    reasons = ReasonsField(read_only=True)
    missing = MissingField(read_only=True)

    class Meta:
        model = PovertyStatus
        fields = [
            "id",
            "household",
            "area",
            "scheme",
            "scheme_version",
            "assessment",
            "status",
            "score",
            "reasons",
            "missing",
            "judged_on",
        ]
        read_only_fields = fields
