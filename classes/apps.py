from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ClassesConfig(AppConfig):
    name = "classes"
    verbose_name = _("Classes")

    def ready(self) -> None:
        from accounts import attention, names, sweeps
        from accounts.privacy import registry, retention
        from classes import checks, privacy, receivers  # noqa: F401  (registers and connects them)
        from classes.attention import classes_that_wait
        from classes.body.triggers import triggers as triggers_of_checks
        from classes.catalogue.changes import after_migrate, forget_old_changes
        from classes.catalogue.triggers import triggers as triggers_of_catalogue
        from classes.instructor_names import instructor_names
        from classes.search import catch_up
        from classes.search.sqlite import triggers as triggers_of_search
        from classes.search.upkeep import follow_changes
        from classes.tasks import enqueue_lapsed
        from classes.triggers import keep_installed
        from classes.uploads import remove_abandoned
        from classes.video.clearing import sweep_remains

        keep_installed(self, triggers_of_catalogue, since="0008_watch_the_catalogue")
        keep_installed(self, triggers_of_search, since="0009_words_to_search")
        keep_installed(self, triggers_of_checks, since="0010_checks_fall")
        post_migrate.connect(after_migrate, sender=self, dispatch_uid="classes.everything_changed")
        follow_changes()
        names.reserve(instructor_names)
        attention.register(classes_that_wait)
        sweeps.register(
            enqueue_lapsed,
            sweep_remains,
            remove_abandoned,
            forget_old_changes,
            catch_up,
        )
        registry.register(*privacy.HOLDINGS)
        registry.register_traces(*privacy.TRACES)
        retention.register(*privacy.RULES)
