"""Markdown in templates."""

from django import template
from django.utils.safestring import SafeString

from classes.markdown import plain_summary, render_markdown

register = template.Library()


@register.filter
def markdown(text: str) -> SafeString:
    return render_markdown(text)


@register.filter
def summary(text: str, length: int = 160) -> str:
    return plain_summary(text, length)
