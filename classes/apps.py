from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClassesConfig(AppConfig):
    name = "classes"
    verbose_name = _("Classes")

    def ready(self) -> None:
        from accounts import names
        from classes.instructor_names import instructor_names

        names.reserve(instructor_names)
