"""The OpenAPI document: what drf-spectacular cannot see by itself."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction, OpenApiResponse, extend_schema_field
from rest_framework import serializers

PROBLEM = "application/problem+json"
REFUSALS = {
    "400": "The request has errors; each is listed with a pointer to its field.",
    "401": "No token, or one that is unknown, expired or revoked.",
    "403": "The role of the token's user does not allow this.",
    "404": "There is no such object, or it is not yours to see.",
    "429": "Too many requests; wait as many seconds as Retry-After says.",
}
WRITING_REFUSALS = {
    "409": "A rule forbids it; `code` says which.",
    "413": "The body is larger than 5 MB.",
    "415": "Send JSON.",
}


@extend_schema_field(
    {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "pointer": {"type": "string", "description": "JSON pointer into the request: `/3/amount`."},
                "detail": {"type": "string"},
            },
            "required": ["pointer", "detail"],
        },
    }
)
class ErrorsField(serializers.ListField):
    pass


class ProblemSerializer(serializers.Serializer[dict[str, Any]]):
    """RFC 9457. Sentences follow Accept-Language: Indonesian, or English."""

    type = serializers.CharField(help_text="`urn:simpul:problem:` and the code.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField(help_text="Stable, for programs.")

    def get_fields(self) -> dict[str, Any]:
        # These two names are attributes of the serializer itself.
        instance = serializers.CharField(
            help_text="`urn:simpul:request:` and the X-Request-ID of the answer."
        )
        return super().get_fields() | {"instance": instance, "errors": ErrorsField(required=False)}


class ApiSchema(AutoSchema):
    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        """A choice that may be empty in its table is empty in answers, also where it is only read."""
        if isinstance(field, serializers.ChoiceField) and field.read_only and _may_be_blank(field):
            field.allow_blank = True
        return super()._map_serializer_field(field, direction, bypass_extensions)

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        """Every operation can refuse, and every refusal is a problem document."""
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        refusals = REFUSALS | (WRITING_REFUSALS if self.method == "POST" else {})
        for status, sentence in refusals.items():
            refusal = OpenApiResponse(ProblemSerializer, sentence)
            bodies.setdefault(
                status,
                self._get_response_for_code(refusal, status, media_types=[PROBLEM], direction=direction),
            )
        return bodies


def _may_be_blank(field: serializers.ChoiceField) -> bool:
    model = getattr(getattr(field.parent, "Meta", None), "model", None)
    return model is not None and bool(model._meta.get_field(field.source).blank)
