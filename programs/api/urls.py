from django.urls import path
from rest_framework.routers import SimpleRouter

from programs.api import viewsets
from programs.api.files import MEDIA_TYPES

ROWS = "target-lists/<int:target_list>"

router = SimpleRouter()
router.register("programs", viewsets.ProgramViewSet, basename="api-program")
router.register("target-lists", viewsets.TargetListViewSet, basename="api-target-list")
router.register("realisations", viewsets.RealisationViewSet, basename="api-realisation")
urlpatterns = [
    *router.urls,
    path(f"{ROWS}/rows/", viewsets.TargetRowViewSet.as_view({"get": "list"}), name="api-target-row-list"),
    path(
        f"{ROWS}/changes/",
        viewsets.TargetRowViewSet.as_view({"get": "changes"}),
        name="api-target-row-changes",
    ),
    *(
        path(
            f"{ROWS}/rows.{kind}",
            viewsets.TargetRowFileViewSet.as_view({"get": kind}),
            name=f"api-target-rows-{kind}",
        )
        for kind in MEDIA_TYPES
    ),
]
