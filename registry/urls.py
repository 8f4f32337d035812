"""The wiring. Apps are included by string, so nothing imports upward."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from registry import report_views, views
from registry.api.reports import ReportViewSet

swagger = SpectacularSwaggerSplitView.as_view(url_name="openapi", template_name="registry/api.html")

handler400 = "registry.views.bad_request"
handler404 = "registry.api.errors.not_found"

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("", include("registry.sign_in_urls")),
    path("language/", login_not_required(set_language), name="set_language"),
    path("admin/", admin.site.urls),
    path("reports/<slug:slug>/", report_views.report_page, name="report"),
    path("reports/<slug:slug>.<str:extension>", report_views.report_file, name="report-file"),
    path("access/", include("registry.token_urls")),
    path("", include("households.urls")),
    path("", include("programs.urls")),
    path("api/v1/", include("registry.api.urls")),
    path("api/v1/", include("households.api.urls")),
    path("api/v1/", include("programs.api.urls")),
    path("api/v1/reports/<slug:slug>/", ReportViewSet.as_view({"get": "retrieve"}), name="report-data"),
    path("api/v1/openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    path("api/", swagger, name="swagger"),
]
