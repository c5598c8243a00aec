"""Sends e-mail by SMTP, and says truthfully whether it went out.

Only the server's answer to the message itself decides: before it was handed over nothing has gone
out; once it is under way and no answer comes, nobody knows.
"""

import asyncio
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY

import aiosmtplib

from services.contact.attempts.dispatch import Letter, Sending
from shared.kernel.records import record
from shared.telemetry.logging import get_logger

OPT_OUT_STATEMENT = (
    "To stop e-mails to this address, reply to this e-mail with the word STOP."
    " It costs nothing and nothing else is needed."
)  # 12 CFR 1006.6(e)
ANSWER_S_MAX = 20.0
PERMANENT = 500

log = get_logger(__name__)


@record
class MailServer:
    """Where mail is handed over, and in whose name."""

    host: str
    port: int
    sender: str
    username: str | None = None
    password: str | None = None

    def __repr__(self) -> str:
        return f"MailServer({self.host!r}, {self.port!r})"


class SmtpMailer:
    """One connection per message."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def send(self, letter: Letter, *, begin_within_s: float) -> Sending:
        """Hand the message over, beginning within that time or not at all."""
        content = message_of(letter, self._server.sender)
        client = aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            username=self._server.username,
            password=self._server.password,
            # Never a password in the clear: a server that names a user must offer encryption.
            start_tls=True if self._server.username else None,
            local_hostname=self._server.sender.rpartition("@")[2],
            timeout=ANSWER_S_MAX,
        )
        try:
            refused = await self._address(client, letter, begin_within_s)
            return refused or await self._hand_over(client, content)
        finally:
            client.close()

    async def _address(
        self, client: aiosmtplib.SMTP, letter: Letter, begin_within_s: float
    ) -> Sending | None:
        try:
            async with asyncio.timeout(begin_within_s):
                await client.connect()
                await client.mail(self._server.sender)
                await client.rcpt(letter.recipient)
        except aiosmtplib.SMTPRecipientRefused as error:
            return "rejected" if error.code >= PERMANENT else "not_sent"
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            log.warning("dependency-unavailable", service="smtp", error=type(error).__name__)
            return "not_sent"
        return None

    async def _hand_over(self, client: aiosmtplib.SMTP, content: bytes) -> Sending:
        try:
            await client.data(content)
        except aiosmtplib.SMTPResponseException as error:
            return "rejected" if error.code >= PERMANENT else "not_sent"
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            log.warning("send-unanswered", service="smtp", error=type(error).__name__)
            return "unknown"
        with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
            await client.quit()
        return "sent"


def message_of(letter: Letter, sender: str) -> bytes:
    """Write the message; whatever may be stopped says how."""
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = sender
    message["To"] = letter.recipient
    message["Subject"] = letter.subject
    message["Message-ID"] = f"<{letter.message_id}@{sender.rpartition('@')[2]}>"
    body = letter.body.rstrip()
    if letter.may_be_stopped:
        body += f"\n\n-- \n{OPT_OUT_STATEMENT}"
    message.set_content(body + "\n")
    return message.as_bytes()
