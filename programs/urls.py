from django.urls import path

from programs.views import dashboard, programs

urlpatterns = [
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("coverage/", dashboard.coverage_list, name="coverage-list"),
    path("programs/", programs.program_list, name="program-list"),
    path("programs/<int:pk>/", programs.program_detail, name="program-detail"),
    path("programs/<int:pk>/target-lists/build/", programs.target_list_build, name="target-list-build"),
    path("target-lists/<int:pk>/", programs.target_list_detail, name="target-list-detail"),
    path("target-lists/<int:pk>/approve/", programs.target_list_approve, name="target-list-approve"),
]
