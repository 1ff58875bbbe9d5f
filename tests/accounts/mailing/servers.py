"""A mail server on this machine that takes mail, refuses it, stalls, or hangs up."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax

from tests.servers import free_port

STALL, DROP = "stall", "drop"

# Where a server can go wrong, in order. "end" is when it has the whole message.
STAGES = ("greeting", "MAIL", "RCPT", "DATA", "end")

_GOOD = "250 OK"


@dataclass
class MailServer:
    """`at[stage]` is what happens there: an answer ("550 No"), `STALL` or `DROP`."""

    port: int
    at: dict[str, str] = field(default_factory=dict)
    # All messages that came in whole, whatever the answer was.
    messages: list[EmailMessage] = field(default_factory=list)

    async def handle_MAIL(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return await self._answer("MAIL", smtp)

    async def handle_RCPT(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return await self._answer("RCPT", smtp)

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.messages.append(message_from_bytes(content, policy=policy.default))
        return await self._answer("end", smtp)

    async def _answer(self, stage: str, smtp: SMTP) -> str:
        what = self.at.get(stage, _GOOD)
        if what == STALL:
            await asyncio.sleep(60)
        if what == DROP:
            assert smtp.transport is not None
            smtp.transport.abort()
        return _GOOD if what in (STALL, DROP) else what


class _Smtp(SMTP):
    """aiosmtpd asks its handler neither before it greets nor before it takes the message."""

    async def _handle_client(self) -> None:
        what = await self.event_handler._answer("greeting", self)
        if what != _GOOD:
            await self.push(what)
        if "greeting" in self.event_handler.at:
            self.transport.close()
            return
        await super()._handle_client()

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:
        what = await self.event_handler._answer("DATA", self)
        if what == _GOOD:
            await super().smtp_DATA(arg)
        else:
            await self.push(what)


class _Controller(Controller):
    def factory(self) -> Any:
        return _Smtp(self.handler, **self.SMTP_kwargs)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    server = MailServer(free_port())
    controller = _Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@contextmanager
def serve_the_site(settings: Any) -> Iterator[MailServer]:
    """A mail server that runs, and the site set to send its mail there."""
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT = 0.5
        yield server
