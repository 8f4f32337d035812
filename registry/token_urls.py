from django.urls import path

from registry import token_views

urlpatterns = [
    path("", token_views.token_list, name="token-list"),
    path("new/", token_views.token_create, name="token-create"),
    path("<int:pk>/revoke/", token_views.token_revoke, name="token-revoke"),
]
