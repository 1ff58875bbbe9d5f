"""Why a film does not play, as a sentence: on the page, before the player, at its address."""

from django.utils.translation import gettext as _

from accounts.membership.standing import standing_words

from .watching import Decision, Reason


def watching_words(decision: Decision) -> str:
    """In the reader's language and by the reader's clock, as both are active. "" where it plays.

    What is not published is told from what was never there to nobody.
    """
    if decision.allowed:
        return ""
    if decision.reason == Reason.NOT_READY:
        return _("The film is on its way: it is being prepared.")
    if decision.reason == Reason.SIGN_IN:
        return _("You are signed out. Sign in, and the film goes on.")
    if decision.standing is not None:
        return standing_words(decision.standing)
    return _("This film is no longer here.")
