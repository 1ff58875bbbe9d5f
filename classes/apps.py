from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClassesConfig(AppConfig):
    name = "classes"
    verbose_name = _("Classes")

    def ready(self) -> None:
        from accounts import attention, names
        from classes import checks, receivers  # noqa: F401  (registers and connects them)
        from classes.attention import classes_that_wait
        from classes.instructor_names import instructor_names

        names.reserve(instructor_names)
        attention.register(classes_that_wait)
