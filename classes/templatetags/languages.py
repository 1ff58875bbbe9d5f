"""Names of spoken languages in templates."""

from django import template

from classes import languages

register = template.Library()

register.filter("language_name", languages.language_name)
register.filter("own_name", languages.own_name)
register.filter("direction", languages.direction)
