from rest_framework.routers import SimpleRouter

from households.api import viewsets

router = SimpleRouter()
router.register("households", viewsets.HouseholdViewSet, basename="api-household")
router.register("members", viewsets.MemberViewSet, basename="api-member")
router.register("assessments", viewsets.AssessmentViewSet, basename="api-assessment")
router.register("statuses", viewsets.PovertyStatusViewSet, basename="api-status")
urlpatterns = router.urls
