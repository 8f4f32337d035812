from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class ProgramsConfig(AppConfig):
    name = "programs"
    verbose_name = _("Programmes")

    def ready(self) -> None:
        """The room's reports, household panel, jobs and duties to forget make themselves known."""
        from programs import jobs, panels, reports, rights  # noqa: F401

        if settings.IS_DEMO:
            from programs.seeding.users import show_logins

            show_logins()
