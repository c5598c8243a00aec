"""The mailer says what became of a message truthfully, however the server behaves."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email import message_from_bytes, policy

import pytest

from services.contact.attempts.dispatch import Letter, Sending
from services.contact.attempts.mailer import (
    OPT_OUT_STATEMENT,
    MailServer,
    SmtpMailer,
    message_of,
)

pytestmark = pytest.mark.integration

LETTER = Letter(
    message_id="att_1", recipient="ada@example.com", subject="Ihr Konto – ü", body="Please call.\n"
)
SENDER = "collections@agency.example"
POLITE = {
    "EHLO": "250 OK",
    "MAIL": "250 OK",
    "RCPT": "250 OK",
    "DATA": "354 go on",
    ".": "250 kept",
    "QUIT": "221 bye",
}
HANG = "hang"
DROP = "drop"
PATIENCE_S = 30.0


class Script:
    """A mail server that answers each command as told, hangs, or hangs up."""

    def __init__(self, answers: Mapping[str, str], greeting: str = "220 hello") -> None:
        self._answers = {**POLITE, **answers}
        self._greeting = greeting
        self.messages = 0
        self.heard: list[str] = []
        self.is_over = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if await self._say(writer, self._greeting):
                await self._converse(reader, writer)
        finally:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := (await reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            self.heard.append(verb)
            if not await self._say(writer, self._answers.get(verb, "250 OK")):
                return
            if verb == "DATA" and self._answers["DATA"].startswith("354"):
                await reader.readuntil(b"\r\n.\r\n")
                self.messages += 1
                if not await self._say(writer, self._answers["."]):
                    return

    async def _say(self, writer: asyncio.StreamWriter, answer: str) -> bool:
        if answer == HANG:
            await self.is_over.wait()
            return False
        if answer == DROP:
            return False
        writer.write(f"{answer}\r\n".encode())
        await writer.drain()
        return True


@asynccontextmanager
async def listening(script: Script, username: str | None = None) -> AsyncIterator[SmtpMailer]:
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        try:
            yield SmtpMailer(
                MailServer(
                    host="127.0.0.1", port=port, sender=SENDER, username=username, password="hidden"
                )
            )
        finally:
            script.is_over.set()


@pytest.mark.parametrize(
    ("answers", "sending", "messages"),
    [
        ({}, "sent", 1),
        ({"QUIT": DROP}, "sent", 1),
        ({"RCPT": "550 no such mailbox"}, "rejected", 0),
        ({"RCPT": "451 later"}, "not_sent", 0),
        ({"MAIL": "550 not you"}, "not_sent", 0),
        ({"RCPT": DROP}, "not_sent", 0),
        ({"RCPT": HANG}, "not_sent", 0),
        ({"DATA": "554 no"}, "rejected", 0),
        ({"DATA": "451 later"}, "not_sent", 0),
        ({".": "554 spam"}, "rejected", 1),
        ({".": "451 later"}, "not_sent", 1),
        ({".": DROP}, "unknown", 1),
    ],
)
async def test_says_what_became_of_it(
    answers: dict[str, str], sending: Sending, messages: int
) -> None:
    script = Script(answers)
    async with listening(script) as mailer:
        within_s = 0.5 if HANG in answers.values() else PATIENCE_S
        assert await mailer.send(LETTER, begin_within_s=within_s) == sending
    assert script.messages == messages


@pytest.mark.parametrize(
    "offered", ["AUTH PLAIN LOGIN", "STARTTLS"], ids=["no encryption", "encryption that fails"]
)
async def test_a_password_never_goes_out_in_the_clear(offered: str) -> None:
    script = Script({"EHLO": f"250-hello\r\n250 {offered}", "STARTTLS": "454 not now"})
    async with listening(script, username="forbear") as mailer:
        assert await mailer.send(LETTER, begin_within_s=PATIENCE_S) == "not_sent"
    assert "EHLO" in script.heard
    assert not {"AUTH", "MAIL"} & set(script.heard)


async def test_does_not_begin_too_late() -> None:
    async with listening(Script({}, greeting=HANG)) as mailer:
        async with asyncio.timeout(PATIENCE_S):
            assert await mailer.send(LETTER, begin_within_s=0.3) == "not_sent"


async def test_nobody_listening_means_nothing_sent() -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    mailer = SmtpMailer(MailServer(host="127.0.0.1", port=port, sender=SENDER))
    assert await mailer.send(LETTER, begin_within_s=PATIENCE_S) == "not_sent"


def test_every_message_says_how_to_stop() -> None:
    message = message_from_bytes(message_of(LETTER, SENDER), policy=policy.default)
    assert (message["To"], message["Subject"]) == (LETTER.recipient, LETTER.subject)
    assert message["Message-ID"] == "<att_1@agency.example>"
    assert OPT_OUT_STATEMENT in message.get_content().replace("\n", " ")


def test_a_confirmation_of_an_opt_out_holds_nothing_else() -> None:
    letter = Letter(
        message_id="att_1", recipient="a@b.example", subject="s", body="b", may_be_stopped=False
    )
    message = message_from_bytes(message_of(letter, SENDER), policy=policy.default)
    assert message.get_content().strip() == "b"
