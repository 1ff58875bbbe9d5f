from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Members")

    def ready(self) -> None:
        from accounts import (
            attention,
            holdings,
            receivers,  # noqa: F401  (connects them)
            sweeps,
        )
        from accounts.mailing.attention import undelivered_letters
        from accounts.mailing.tasks import enqueue_due_letters
        from accounts.privacy import leaving, registry, retention, rules
        from accounts.privacy.attention import failed_requests, failed_rules
        from accounts.tasks import take_up_exports

        registry.register(*holdings.HOLDINGS)
        registry.register_traces(*holdings.TRACES)
        retention.register(*rules.RULES, *leaving.RULES)
        sweeps.register(leaving.carry_out_due, take_up_exports, retention.purge_daily)
        attention.register(undelivered_letters)
        attention.register(failed_requests)
        attention.register(failed_rules)
        sweeps.register(enqueue_due_letters)
