from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = _("Users, agencies and areas")

    def ready(self) -> None:
        """The room's routines make themselves known."""
        from registry import trails  # noqa: F401
