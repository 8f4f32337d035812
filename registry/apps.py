from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = _("Users, agencies and areas")

    def ready(self) -> None:
        """The system checks, and the stamps that a session begins with, make themselves known."""
        from registry import sessions, sign_in_checks  # noqa: F401
