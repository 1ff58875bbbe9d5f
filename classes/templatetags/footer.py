"""What the footer of a page says of that page."""

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from classes.views import own_parts

register = template.Library()


@register.simple_tag(takes_context=True)
def page_in_languages(context: Context) -> SafeString:
    """Takes `request` from the context; an error page may have none."""
    return own_parts.page_in_languages(context.get("request"))
