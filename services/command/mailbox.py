"""The development mailbox: takes every message the services send by SMTP, and sends none on.

Messages are files in a folder, the newest `MESSAGES_MAX` of them. It is for trying Forbear out:
whoever reaches it reads everybody's mail.
"""

import asyncio
import email
import email.policy
import itertools
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.applications import Starlette

from services.command import mailbox_pages
from shared.kernel.clock import SystemClock

MESSAGES_MAX = 1000
MESSAGE_BYTES_MAX = 1024 * 1024


class Messages:
    """The kept messages, newest first; a message's name is its sequence number."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        newest = max((int(file.stem) for file in folder.glob("*.eml")), default=0)
        self._numbers = itertools.count(newest + 1)

    def names(self) -> list[str]:
        """Return the names of all messages, newest first."""
        return sorted((file.stem for file in self._folder.glob("*.eml")), reverse=True)

    def read(self, name: str) -> EmailMessage | None:
        """Return a message, if it is still kept."""
        if not name.isascii() or not name.isdigit():
            return None
        try:
            content = (self._folder / f"{name}.eml").read_bytes()
        except FileNotFoundError:
            return None
        return email.message_from_bytes(content, policy=email.policy.default)

    def add(self, content: bytes) -> None:
        """Keep a message and let the oldest go."""
        name = f"{next(self._numbers):09d}"
        unfinished = self._folder / f"{name}.unfinished"
        unfinished.write_bytes(content)
        unfinished.rename(self._folder / f"{name}.eml")
        for old in self.names()[MESSAGES_MAX:]:
            (self._folder / f"{old}.eml").unlink(missing_ok=True)


class Mailbox:
    """SMTP in, web pages out; served like a service."""

    name = "mailbox"

    def __init__(self, folder: Path, *, host: str, port: int, smtp_port: int) -> None:
        self.host = host
        self.port = port
        self._smtp_port = smtp_port
        self._messages = Messages(folder)
        self._smtp: asyncio.Server | None = None
        self.app: Starlette = mailbox_pages.application(self._messages)

    async def start(self) -> None:
        """Listen for mail."""
        loop = asyncio.get_running_loop()
        self._smtp = await loop.create_server(self._protocol, self.host, self._smtp_port)

    async def stop(self) -> None:
        """Stop listening for mail."""
        if self._smtp is not None:
            self._smtp.close()

    def _protocol(self) -> SMTP:
        return SMTP(
            _Receiver(self._messages),
            data_size_limit=MESSAGE_BYTES_MAX,
            enable_SMTPUTF8=True,
            hostname="forbear.localhost",  # else it asks the network for this machine's name
            ident="Forbear development mailbox",
        )


def from_environment() -> Mailbox | None:
    """Build the mailbox that the settings ask for, if they do.

    Raises:
        pydantic.ValidationError: a setting does not fit.
    """
    from services.command.mailbox_settings import MailboxSettings

    settings = MailboxSettings()
    if settings.mailbox_folder is None:
        return None
    return Mailbox(
        settings.mailbox_folder,
        host=settings.host,
        port=settings.mailbox_port,
        smtp_port=settings.smtp_port,
    )


class _Receiver:
    """What aiosmtpd calls when a message is complete."""

    def __init__(self, messages: Messages) -> None:
        self._messages = messages

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content or b""
        received = SystemClock().now().isoformat(timespec="seconds")
        recipients = ", ".join(envelope.rcpt_tos)
        head = f"X-Received-At: {received}\r\nX-Envelope-To: {recipients}\r\n"
        body = content if isinstance(content, bytes) else content.encode()
        await asyncio.to_thread(self._messages.add, head.encode() + body)
        return "250 Kept"
