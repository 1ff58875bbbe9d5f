"""Where curators keep the conversation in order.

Nobody puts words into another's mouth: comments are written on the site, and what is decided here
is whether they are seen, and who writes.
"""

from comments import mail_admin, request_admin

from . import comments, stops

__all__ = ["comments", "mail_admin", "request_admin", "stops"]
