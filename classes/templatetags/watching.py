"""How it looks that a film does not play."""

from django import template

from classes.watch.words import watching_words

register = template.Library()

register.filter("watching_words", watching_words)
