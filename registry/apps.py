from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = _("Users, agencies and areas")

    def ready(self) -> None:
        """System checks, the stamps a session begins with, and routines make themselves known."""
        from registry import sessions, sign_in_checks, trails  # noqa: F401
