"""What needs attention, for the admin's start page."""

from django import template

from accounts.attention import Item, what_waits_for

register = template.Library()


@register.simple_tag(takes_context=True)
def what_needs_attention(context: template.Context) -> list[Item]:
    """Everything that waits for the member who is signed in."""
    return what_waits_for(context["request"].user)
