"""Every report for programs: the rows of the page, with machine numbers."""

from typing import cast

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from registry.api.filters import refuse_unknown_parameters
from registry.api.schema import ApiSchema
from registry.api.throttling import TokenThrottle
from registry.models import User
from registry.reports import REPORTS, plain


class ReportViewSet(ViewSet):
    # Everybody signed in may ask; each report has a permission of its own.
    permissions = {"retrieve": "registry.view_area"}
    throttle_classes = [TokenThrottle]
    metadata_class = None
    schema = ApiSchema()

    @extend_schema(responses=OpenApiTypes.OBJECT, summary="The rows of one report")
    def retrieve(self, request: Request, slug: str) -> Response:
        report = REPORTS.get(slug)
        if report is None:
            raise Http404
        if not request.user.has_perm(report.permission):
            raise exceptions.PermissionDenied
        form = report.form(request.query_params)
        refuse_unknown_parameters(request, set(form.fields))
        if form.errors:
            wrong = {name: [str(error) for error in errors] for name, errors in form.errors.items()}
            raise exceptions.ValidationError(wrong)
        rows = report.rows(cast(User, request.user), form.cleaned_data)
        names = [column.name for column in report.columns]
        return Response(
            {"report": slug, "rows": [{name: plain(row[name]) for name in names} for row in rows]}
        )
