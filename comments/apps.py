from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommentsConfig(AppConfig):
    name = "comments"
    verbose_name = _("Comments")

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from accounts import attention, sweeps
        from accounts.privacy import registry, retention
        from classes import beside_chapters, from_above, page_marks
        from classes.triggers import keep_installed
        from comments import privacy, tasks, triggers
        from comments.attention import held_comments, open_requests, reported_comments
        from comments.conversation import said, said_data
        from comments.desk import receivers as desk_receivers
        from comments.desk import rounds
        from comments.desk.corner import corner
        from comments.mail.attention import undelivered_mail
        from comments.rendering import COLUMNS
        from comments.requests import tell_fulfilled
        from comments.said_beside import said_beside

        attention.register(held_comments)
        attention.register(reported_comments)
        attention.register(open_requests)
        sweeps.register(tell_fulfilled)
        desk_receivers.connect()
        sweeps.register(rounds.go_on)
        attention.register(undelivered_mail)
        sweeps.register(tasks.enqueue_due_notices)
        keep_installed(self, triggers.triggers, since="0003_conversation")
        post_migrate.connect(
            triggers.after_migrate, sender=self, dispatch_uid="comments.everything_changed"
        )
        from_above.register(from_above.Parts(said, said_data, corner))
        beside_chapters.register(said_beside)
        page_marks.register(*(f"conversation__{column}" for column in COLUMNS))
        registry.register(*privacy.HOLDINGS)
        registry.register_traces(*privacy.TRACES)
        retention.register(*privacy.RULES)
