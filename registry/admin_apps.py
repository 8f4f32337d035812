from django.contrib.admin.apps import AdminConfig


class SimpulAdminConfig(AdminConfig):
    default_site = "registry.admin_site.SimpulAdminSite"
