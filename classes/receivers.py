"""What follows when rows change or members come and go, whoever makes them."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import m2m_changed, post_delete, pre_delete, pre_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext

from accounts.models import Member
from classes.body.checking import (
    classes_with,
    in_batches,
    withdraw_check,
    withdraw_for_exercise,
    withdraw_for_ticks,
)
from classes.body.contents import refresh
from classes.models import Exercise, Movement, Variant, WorkoutClass
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
        return
    withdraw_for_ticks(instance, *_before_and_after(instance.ticked_movements, action, pk_set))


@receiver(
    m2m_changed,
    sender=Exercise.movements.through,
    dispatch_uid="classes.take_checks_back_for_exercise",
)
def take_checks_back_for_exercise(
    sender: type, instance: Exercise, action: str, pk_set: set[int] | None, **kwargs: Any
) -> None:
    """What an exercise usually involves is part of every class that uses it."""
    if action.startswith("post_"):
        for batch in in_batches(classes_with(instance)):
            refresh(batch)
        return
    withdraw_for_exercise(instance, *_before_and_after(instance.movements, action, pk_set))


def _before_and_after(
    related: Any, action: str, pk_set: set[int] | None
) -> tuple[set[Movement], set[Movement]]:
    """The movements that a manager has, and will have when the change is done."""
    before = set(related.all())
    named = {movement for movement in before if movement.pk in (pk_set or ())}
    if action == "pre_clear":
        return before, set()
    if action == "pre_remove":
        return before, before - named
    return before, before | set(Movement.objects.filter(pk__in=pk_set or ()))


@receiver(pre_save, sender=Variant, dispatch_uid="classes.take_check_back_for_new_variant")
def take_check_back_for_new_variant(
    sender: type, instance: Variant, raw: bool, **kwargs: Any
) -> None:
    """Nobody has seen the film that it will have."""
    if instance._state.adding and not raw:
        reason = gettext("A variant was added: %(variant)s") % {"variant": instance}
        withdraw_check(instance.workout_class, reason)


@receiver(pre_delete, sender=Variant, dispatch_uid="classes.take_check_back_for_lost_chapters")
def take_check_back_for_lost_chapters(
    sender: type, instance: Variant, origin: Any, **kwargs: Any
) -> None:
    if _goes_alone(origin) and instance.chapters.exists():
        reason = gettext("A variant was removed: %(variant)s") % {"variant": instance}
        withdraw_check(instance.workout_class, reason)


@receiver(post_delete, sender=Variant, dispatch_uid="classes.forget_lost_chapters")
def forget_lost_chapters(sender: type, instance: Variant, origin: Any, **kwargs: Any) -> None:
    if _goes_alone(origin):
        refresh([instance.workout_class_id])


def _goes_alone(origin: Any) -> bool:
    """Whether variants are what is being deleted, and not their class with all that it has."""
    return isinstance(origin, Variant) or getattr(origin, "model", None) is Variant


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
