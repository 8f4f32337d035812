from django.urls import path

from households.views import assessments, households, imports, notice, numbers, people, requests

urlpatterns = [
    path("households/", households.household_list, name="household-list"),
    path("households/new/", households.household_create, name="household-create"),
    path("households/<int:pk>/", households.household_detail, name="household-detail"),
    path("households/<int:pk>/change/", households.household_change, name="household-change"),
    path("households/<int:pk>/close/", households.household_close, name="household-close"),
    path("households/<int:pk>/families/new/", people.family_create, name="family-create"),
    path("households/<int:pk>/assessments/new/", assessments.assessment_create, name="assessment-create"),
    path("households/<int:pk>/requests/new/", requests.request_create, name="request-create"),
    path("families/<int:pk>/change/", people.family_change, name="family-change"),
    path("families/<int:pk>/number/", numbers.family_number, name="family-number"),
    path("families/<int:pk>/members/new/", people.member_create, name="member-create"),
    path("members/", people.member_list, name="member-list"),
    path("members/<int:pk>/change/", people.member_change, name="member-change"),
    path("members/<int:pk>/number/", numbers.member_number, name="member-number"),
    path("requests/", requests.request_list, name="request-list"),
    path("requests/<int:pk>/", requests.request_detail, name="request-detail"),
    path("notice/", notice.privacy_notice, name="privacy-notice"),
    path("imports/", imports.import_list, name="import-list"),
    path("imports/template/", imports.import_template, name="import-template"),
    path("imports/<int:pk>/", imports.import_detail, name="import-detail"),
    path("imports/<int:pk>/confirm/", imports.import_confirm, name="import-confirm"),
    path("imports/<int:pk>/rejected/", imports.import_rejected, name="import-rejected"),
]
