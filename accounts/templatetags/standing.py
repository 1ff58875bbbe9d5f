"""How it reads until when the films are open to a member."""

from django import template

from accounts.membership.standing import standing_words

register = template.Library()

register.filter("standing_words", standing_words)
