"""Lists of cards."""

from django import template

from classes.catalogue.card_markup import card_list

register = template.Library()

# `{% card_list cards %}`, of `classes.catalogue.fragments.Shown`.
register.simple_tag(card_list)
