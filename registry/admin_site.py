"""The staff's forms: one admin site, in the product's own look."""

from django.http import HttpRequest
from unfold.sites import UnfoldAdminSite


class SimpulAdminSite(UnfoldAdminSite):
    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.has_perm("registry.open_admin")
