"""Programmes, target lists and their rows, and the realisations that agencies report back."""

from collections.abc import Sequence
from typing import Any, TypeVar, cast

from django.db import transaction
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, PolymorphicProxySerializer, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from programs.api import serializers
from programs.api.files import MEDIA_TYPES, ListFile, file_rows
from programs.api.lists import changes, lists_for, rows_of
from programs.filters import ProgramFilter, RealisationFilter, TargetListFilter, TargetRowFilter
from programs.models import Program, Realisation, TargetList, TargetRow
from programs.services import report_realisation
from registry.api.errors import ConflictsInRows
from registry.api.filters import refuse_unknown_parameters
from registry.api.viewsets import ApiViewSet, PeopleViewSet
from registry.audit import subject_of
from registry.errors import Conflict
from registry.models import Shown

R = TypeVar("R", bound=HttpResponseBase)

LARGEST_BATCH = 1_000
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of an approved list you already have.",
)
TARGET_LIST = OpenApiParameter("target_list", int, OpenApiParameter.PATH)
NOT_MODIFIED = OpenApiResponse(description="The list is approved and you have it.")


def not_modified(request: Request, target_list: TargetList) -> Response | None:
    """The 304 for whoever has this version. Only an approved list has an ETag: a draft may still change."""
    if not target_list.is_frozen or request.query_params:
        return None  # the tag names the whole list, not a part of it
    same = get_conditional_response(request, etag=_etag(target_list))
    return tagged(Response(status=same.status_code), target_list) if same else None


def tagged(response: R, target_list: TargetList) -> R:
    if target_list.is_frozen:
        response.headers["ETag"] = _etag(target_list)
    return response


def _etag(target_list: TargetList) -> str:
    return f'"{target_list.pk}-{target_list.version}"'


class ProgramViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet[Program]):
    """Programmes with their criteria and quotas; an agency's office reads its own."""

    permissions = {"list": "programs.view_program", "retrieve": "programs.view_program"}
    queryset = Program.objects.none()
    serializer_class = serializers.ProgramSerializer
    filterset_class = ProgramFilter

    def get_queryset(self) -> QuerySet[Program]:
        programs = Program.objects.visible_to(self.account).select_related("agency")
        return programs.prefetch_related("criteria", "district_quotas")


class TargetListViewSet(ListModelMixin, RetrieveModelMixin, ApiViewSet[TargetList]):
    """Numbered versions of a programme's recipients; an agency's office sees the approved ones of its own."""

    permissions = {
        "list": "programs.view_targetlist",
        "retrieve": "programs.view_targetlist",
    }
    queryset = TargetList.objects.none()
    serializer_class = serializers.TargetListSerializer
    filterset_class = TargetListFilter

    def get_queryset(self) -> QuerySet[TargetList]:
        lists = lists_for(self.account)
        return lists.select_related("program__agency", "built_by", "approved_by")

    @extend_schema(
        parameters=[IF_NONE_MATCH], responses={200: serializers.TargetListSerializer, 304: NOT_MODIFIED}
    )
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        target_list = self.get_object()
        same = not_modified(request, target_list)
        return same or tagged(Response(self.get_serializer(target_list).data), target_list)


class TargetRowViewSet(ListModelMixin, PeopleViewSet[TargetRow]):
    """The rows of one target list in rank order, and what changed since an earlier version."""

    permissions = {"list": "programs.view_targetrow", "changes": "programs.view_targetrow"}
    queryset = TargetRow.objects.none()
    serializer_class = serializers.TargetRowSerializer
    filterset_class = TargetRowFilter
    shows = Shown.TARGET
    member_key = "member_id"
    page_ordering = "rank"

    def get_target_list(self) -> TargetList:
        lists = lists_for(self.account).select_related("program__agency", "built_by", "approved_by")
        return get_object_or_404(lists, pk=self.kwargs["target_list"])

    def subject(self) -> str:
        return subject_of(self.target_list)

    def get_queryset(self) -> QuerySet[TargetRow]:
        if getattr(self, "swagger_fake_view", False):
            return TargetRow.objects.none()
        return rows_of(self.target_list, self.account)

    @extend_schema(
        parameters=[TARGET_LIST, IF_NONE_MATCH],
        responses={200: serializers.TargetRowSerializer(many=True), 304: NOT_MODIFIED},
    )
    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.target_list = self.get_target_list()
        same = not_modified(request, self.target_list)
        return same or tagged(super().list(request, *args, **kwargs), self.target_list)

    @extend_schema(
        operation_id="target_lists_changes",
        parameters=[
            TARGET_LIST,
            OpenApiParameter(
                "since", int, required=True, description="An earlier version of the same programme."
            ),
        ],
        responses=serializers.ChangesSerializer,
    )
    def changes(self, request: Request, target_list: int) -> Response:
        """Recipients added, changed and removed since an earlier version; ranks are not compared."""
        refuse_unknown_parameters(request, {"since"})
        newer = self.target_list = self.get_target_list()
        older = self._earlier(newer, request.query_params.get("since", ""))
        found = changes(rows_of(older, self.account), rows_of(newer, self.account))
        shown = [*found["added"], *(change["row"] for change in found["changed"]), *found["removed"]]
        self.record(shown)
        answer = serializers.ChangesSerializer({"since": older.version, "version": newer.version, **found})
        return Response(answer.data)

    def _earlier(self, newer: TargetList, since: str) -> TargetList:
        version = int(since) if since.isascii() and since.isdigit() and len(since) < 10 else 0
        siblings = lists_for(self.account).filter(program=newer.program, version__lt=newer.version)
        older = siblings.filter(version=version).first()
        if older is None:
            raise ValidationError({"since": [_("This programme has no such earlier version.")]})
        return older


def _download(kind: str) -> Any:
    @extend_schema(
        operation_id=f"target_lists_rows_{kind}",
        parameters=[TARGET_LIST, IF_NONE_MATCH],
        filters=True,
        responses={
            (200, MEDIA_TYPES[kind].partition(";")[0]): (
                OpenApiTypes.OBJECT if kind == "json" else OpenApiTypes.BINARY
            ),
            304: NOT_MODIFIED,
        },
    )
    def download(self: "TargetRowFileViewSet", request: Request, target_list: int) -> HttpResponseBase:
        """The whole list as one file, with what is to be known about it (JSON and XLSX)."""
        return self.file(kind)

    return download


class TargetRowFileViewSet(TargetRowViewSet):
    """Stable addresses for Excel and scripts: the whole list, the same filters, one file."""

    permissions = {kind: "programs.view_targetrow" for kind in MEDIA_TYPES}
    shows = Shown.FILE
    pagination_class = None
    csv = _download("csv")
    json = _download("json")
    xlsx = _download("xlsx")

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """The address names the format, whatever Accept says; only refusals are JSON."""
        return super().perform_content_negotiation(request, force=True)

    def file(self, kind: str) -> HttpResponseBase:
        self.target_list = self.get_target_list()
        rows = self.filter_queryset(self.get_queryset())
        if same := not_modified(self.request, self.target_list):
            return same
        found = file_rows(rows)
        self.record(found)
        made = ListFile(
            self.target_list,
            found,
            by=self.account,
            purpose=self.purpose(),
            filters=self.request.query_params.urlencode(),
        )
        return tagged(made.response(kind), self.target_list)


class RealisationViewSet(ListModelMixin, PeopleViewSet[Realisation]):
    """What came of each target. A correction is a newer report under another reference."""

    permissions = {"list": "programs.view_realisation", "create": "programs.add_realisation"}
    queryset = Realisation.objects.none()
    serializer_class = serializers.RealisationSerializer
    filterset_class = RealisationFilter
    shows = Shown.REALISATION

    def get_queryset(self) -> QuerySet[Realisation]:
        return Realisation.objects.visible_to(self.account).select_related("target_row")

    @extend_schema(
        request=PolymorphicProxySerializer(
            "RealisationReports",
            [serializers.RealisationReportSerializer, serializers.RealisationReportSerializer(many=True)],
            resource_type_field_name=None,
            many=False,
        ),
        responses={
            201: OpenApiResponse(
                serializers.RealisationSerializer(many=True),
                "Recorded. One report is answered with one object.",
            ),
            200: OpenApiResponse(
                serializers.RealisationSerializer(many=True), "Every reference was known: nothing was added."
            ),
        },
    )
    def create(self, request: Request) -> Response:
        """One report, or a list of up to 1,000: all are recorded or none. A known reference adds nothing."""
        refuse_unknown_parameters(request)
        if not isinstance(request.data, list):
            recorded, status = self._of_one(request.data)
            return Response(self.get_serializer(recorded).data, status=status)
        if not 1 <= len(request.data) <= LARGEST_BATCH:
            raise ValidationError([_("Send 1 to %(most)s reports.") % {"most": LARGEST_BATCH}])
        batch, status = self._of_batch(request.data)
        return Response(self.get_serializer(batch, many=True).data, status=status)

    def _of_one(self, given: Any) -> tuple[Realisation, int]:
        try:
            recorded, status = self._of_batch([given])
        except (ValidationError, ConflictsInRows) as error:
            # A single report has no index for its errors to point at.
            raise type(error)(cast("list[Any]", error.detail)[0]) from None
        return recorded[0], status

    def _of_batch(self, given: Sequence[Any]) -> tuple[Sequence[Realisation], int]:
        reports = self._valid(given)
        known = set(self._known(reports))
        recorded = self._report(reports)
        return recorded, 200 if {realisation.pk for realisation in recorded} <= known else 201

    def _valid(self, given: Sequence[Any]) -> list[dict[str, Any]]:
        """Each report with its row as an object: foreign, missing and unapproved rows are all unknown."""
        checked = serializers.RealisationReportSerializer(data=given, many=True)
        checked.is_valid(raise_exception=True)
        reports: list[dict[str, Any]] = checked.validated_data
        rows = (
            TargetRow.objects.visible_to(self.account)
            .filter(target_list__state=TargetList.State.FROZEN)
            .select_related("target_list__program")
            .in_bulk([report["target_row"] for report in reports])
        )
        unknown = {"target_row": [_("There is no such row in an approved list of yours.")]}
        errors = [{} if report["target_row"] in rows else unknown for report in reports]
        if any(errors):
            raise ValidationError(errors)
        return [report | {"target_row": rows[report["target_row"]]} for report in reports]

    def _known(self, reports: Sequence[dict[str, Any]]) -> QuerySet[Realisation, int]:
        references = {report["reference"] for report in reports}
        rows = {report["target_row"] for report in reports}
        found = Realisation.objects.visible_to(self.account).filter(
            target_row__in=rows, reference__in=references
        )
        return found.values_list("pk", flat=True)

    @transaction.atomic
    def _report(self, reports: Sequence[dict[str, Any]]) -> Sequence[Realisation]:
        recorded: list[Realisation] = []
        errors: list[dict[str, list[str]]] = []
        for report in reports:
            errors.append({})
            try:
                recorded.append(report_realisation(**report, by=self.account))
            except Conflict as conflict:
                errors[-1] = {conflict.field or "non_field_errors": [conflict.message]}
        if any(errors):
            raise ConflictsInRows(errors)
        return recorded
