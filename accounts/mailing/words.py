"""What every mail needs of its reader and of the studio, whatever it is about."""

import re
import unicodedata
from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings

from accounts.languages import supported

# They turn the direction of what follows, in the list of mails the names of others too.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def language_of(chosen: str) -> str:
    """The one that a reader chose (may be empty), else the studio's, as far as the site has it."""
    wishes = (chosen, settings.STUDIO_LANGUAGE)
    return next(filter(None, map(supported, wishes)), settings.LANGUAGE_CODE)


def one_line(text: str) -> str:
    """Fit for a header: no line break or other control can begin a header of its own."""
    without_turns = _TURNS.sub("", text)
    seen = (
        " " if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") else character
        for character in without_turns
    )
    return " ".join("".join(seen).split())


def new_message_id() -> str:
    """One for each mail, kept over every attempt: whoever got it twice can tell."""
    return make_msgid(domain=urlsplit(settings.SITE_URL).hostname or "localhost")
