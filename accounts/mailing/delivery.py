"""Handing one message to the mail server, and knowing what became of it.

Django's own backend raises the same error whether a server dropped the connection before it had the
message or after it. The difference decides whether the message may be sent once more, so it is
looked at here: a message ends with a line of one full stop, and what lacks that line is no message.
"""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend

_END_OF_MESSAGE = b"\r\n.\r\n"


class Refused(Exception):
    """The message did not arrive. `for_good`: nor will it if it is sent again as it is."""

    def __init__(self, reason: object, *, for_good: bool = False) -> None:
        super().__init__(str(reason))
        self.for_good = for_good


class Unclear(Exception):
    """The message was on its way, and nobody said whether it arrived."""


class _NoticesTheEnd:
    """An SMTP conversation that remembers whether the end of a message was sent."""

    all_went_out = False

    def send(self, words: Any) -> None:
        # Commands come as text, messages as bytes. What raises here did not all go out.
        super().send(words)  # type: ignore[misc]
        if isinstance(words, bytes) and words.endswith(_END_OF_MESSAGE):
            self.all_went_out = True


class _Smtp(_NoticesTheEnd, smtplib.SMTP):
    pass


class _SmtpOverTls(_NoticesTheEnd, smtplib.SMTP_SSL):
    pass


class _Backend(smtp.EmailBackend):
    @property
    def connection_class(self) -> type[_Smtp | _SmtpOverTls]:
        return _SmtpOverTls if self.use_ssl else _Smtp

    def may_have_arrived(self) -> bool:
        conversation = self.connection
        return isinstance(conversation, _NoticesTheEnd) and conversation.all_went_out


class Server:
    """A mail server that was reached and takes mail from us."""

    def __init__(self, backend: BaseEmailBackend) -> None:
        self._backend = backend

    def hand_over(self, message: EmailMessage) -> None:
        """Return once the server answers for the message. Raises `Refused` or `Unclear`."""
        try:
            self._backend.send_messages([message])
        except smtplib.SMTPRecipientsRefused as refusal:
            code, reason = next(iter(refusal.recipients.values()))
            raise Refused(_said(code, reason), for_good=_is_final(code)) from refusal
        except smtplib.SMTPResponseException as refusal:
            code = refusal.smtp_code
            raise Refused(_said(code, refusal.smtp_error), for_good=_is_final(code)) from refusal
        except Exception as trouble:  # whatever another backend raises, too
            if self.may_have_arrived:
                raise Unclear(_in_words(trouble)) from trouble
            # An address that this server, or no mail at all, can carry.
            hopeless = isinstance(trouble, smtplib.SMTPNotSupportedError | ValueError)
            raise Refused(_in_words(trouble), for_good=hopeless) from trouble

    @property
    def may_have_arrived(self) -> bool:
        """Whether all of a message went out. Of other ways than SMTP nothing is known: it may."""
        return not isinstance(self._backend, _Backend) or self._backend.may_have_arrived()


@contextmanager
def server() -> Iterator[Server]:
    """The server of EMAIL_URL, connected and signed in to. Raises `Refused`, never for good."""
    backend = get_connection()
    if type(backend) is smtp.EmailBackend:
        backend = _Backend()
    try:
        backend.open()
    except OSError as trouble:  # smtplib's own errors among them
        _close(backend)
        raise Refused(_in_words(trouble)) from trouble
    try:
        yield Server(backend)
    finally:
        _close(backend)


def _close(backend: BaseEmailBackend) -> None:
    """Say goodbye. What goes wrong now is no matter: every message has had its answer."""
    with suppress(OSError, EOFError):
        backend.close()


def _is_final(code: int) -> bool:
    return 500 <= code < 600


def _said(code: int, reason: bytes | str) -> str:
    words = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
    return f"{code} {words}"


def _in_words(trouble: BaseException) -> str:
    if isinstance(trouble, smtplib.SMTPResponseException):
        return _said(trouble.smtp_code, trouble.smtp_error)
    return str(trouble) or type(trouble).__name__
