"""The way from a form to the picker."""

from django import template
from django.contrib.auth.models import AnonymousUser

from accounts.models import Member
from comments import picker

register = template.Library()


@register.filter
def may_pick(member: Member | AnonymousUser) -> bool:
    """`{% if request.user|may_pick %}`: whether the form gets the button."""
    return picker.may_pick(member)
