"""What the header of every page says of the desk."""

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from comments.desk.corner import corner

register = template.Library()


@register.simple_tag(takes_context=True)
def member_corner(context: Context) -> SafeString:
    """`{% member_corner %}`, for a member. Takes `request` and `csrf_token` from the context."""
    return corner(context["request"], str(context.get("csrf_token", "")))
