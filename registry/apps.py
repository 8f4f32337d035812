from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = _("Users, agencies and areas")

    def ready(self) -> None:
        """System checks, the stamps a session begins with, routines and triggers make themselves known."""
        from registry import sessions, sign_in_checks, trails  # noqa: F401
        from registry.triggers import close_triggers

        post_migrate.connect(close_triggers, sender=self)
