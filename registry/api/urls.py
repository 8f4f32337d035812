from rest_framework.routers import SimpleRouter

from registry.api.areas import AreaViewSet

router = SimpleRouter()
router.register("areas", AreaViewSet, basename="api-area")
urlpatterns = router.urls
