"""Where in kept markup each reader's own goes, and what of an avoided set is written there."""

from django import template
from django.utils.safestring import SafeString

from classes import holes
from classes.own_marks import labels, my_version_html

register = template.Library()

register.filter(labels)
register.simple_tag(my_version_html, name="my_version_section")


@register.simple_tag
def hole(kind: str, number: int) -> SafeString:
    """`{% hole "avoids" row.stretch.start %}`: the hole `avoids-90`."""
    return holes.hole(f"{kind}-{number}")
