"""The outside world that contacts reach: a telephone network and a mail server.

Their lists of what really happened are the truth that the checkers go by.
"""

import asyncio
from datetime import datetime

from services.contact.attempts.dispatch import Letter, Sending
from shared.kernel.records import record
from tests.simulation.processes import Process

ANSWER_S_MAX = CONNECT_S_MAX = 20.0


@record
class Contact:
    """A contact that was made. `ended_at` is set for a conversation."""

    channel: str
    attempt_id: str
    contact_point_id: str
    at: datetime
    counts: bool = True
    ended_at: datetime | None = None


class World:
    """Everybody who can be reached."""

    def __init__(self) -> None:
        self.contacts: list[Contact] = []

    def reach(self, contact: Contact) -> None:
        """Note a contact."""
        self.contacts.append(contact)


class MailServer:
    """Takes mail from one process; now and then it takes it and does not say so."""

    def __init__(self, process: Process, world: World) -> None:
        self._process = process
        self._world = world

    async def send(self, letter: Letter, *, begin_within_s: float) -> Sending:
        """Take a letter, if it can be taken in time."""
        process, chance = self._process, self._process.chance
        began_s = process.loop.time()
        await process.step("connects to the mail server")
        if chance.happens(chance.slow_mail):
            await asyncio.sleep(chance.between(0, CONNECT_S_MAX))
            process.require_alive()
        if process.loop.time() - began_s >= begin_within_s:
            return "not_sent"
        if chance.happens(chance.failed_commits):
            return "not_sent"
        process.trace.note(process.name, "mails", letter.message_id)
        self._world.reach(
            Contact(
                channel="email",
                attempt_id=letter.message_id,
                contact_point_id=letter.recipient,
                at=process.loop.now(),
            )
        )
        await process.step("has mailed")
        if chance.happens(chance.unanswered_commits):
            await asyncio.sleep(ANSWER_S_MAX)
            return "unknown"
        return "sent"
