"""What follows when rows change or members come and go, whoever makes them."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import m2m_changed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import Member
from classes.body.checking import withdraw_for_ticks
from classes.body.contents import refresh
from classes.models import Movement, WorkoutClass
from classes.watch import passes


@receiver(
    m2m_changed,
    sender=WorkoutClass.ticked_movements.through,
    dispatch_uid="classes.take_check_back_for_ticks",
)
def take_check_back_for_ticks(
    sender: type,
    instance: WorkoutClass,
    action: str,
    pk_set: set[int] | None,
    **kwargs: Any,
) -> None:
    """A check stands for what is ticked, be it in a form, by an import or in a shell.

    Forms take the check back themselves, in one sentence for all that came and went, before they
    store the ticks; then nothing is left to do here. Ticks are never set from a movement's side:
    the history cannot follow there, and its package raises.
    """
    if action.startswith("post_"):
        refresh([instance.pk])
    if action == "post_add":
        withdraw_for_ticks(instance, [], Movement.objects.filter(pk__in=pk_set or ()))
    elif action == "post_remove":
        withdraw_for_ticks(instance, Movement.objects.filter(pk__in=pk_set or ()), [])
    elif action == "pre_clear":
        withdraw_for_ticks(instance, instance.ticked_movements.all(), [])


@receiver(user_logged_in, dispatch_uid="classes.keep_film_cookie_of_who_came")
def keep_film_cookie_of_who_came(
    sender: type, request: HttpRequest | None, user: Member, **kwargs: Any
) -> None:
    if request is not None:
        passes.keep_for(request, user.pk)


@receiver(user_logged_out, dispatch_uid="classes.delete_film_cookie")
def delete_film_cookie(sender: type, request: HttpRequest | None, **kwargs: Any) -> None:
    if request is not None:
        passes.keep_for(request, None)
