from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class ProgramsConfig(AppConfig):
    name = "programs"
    verbose_name = _("Programmes")

    def ready(self) -> None:
        """Reports, jobs, household panel, part of the subject report and duties to forget."""
        from programs import jobs, panels, reports, rights, subject_report  # noqa: F401

        if settings.IS_DEMO:
            from programs.seeding.users import show_logins

            show_logins()
