"""An agent writes: the service sends a permitted e-mail by itself, and people take it their way."""

from dataclasses import dataclass
from typing import Any

from services.command.demo.acts.calling import ask
from services.command.demo.acts.speaking import OptOutOfMail
from services.command.demo.agenda import Phase
from services.command.demo.stage import Stage
from services.command.demo.world import Account, Person

BOUNCE_SHARE = 0.02
QUESTION_SHARE = 0.06
CONTENT = {
    "subject": "About your account",
    "text": "Please call us or write back. We would like to find a way with you that works.",
}
ANSWER = {"subject": "Your question", "text": "Thank you for asking. Here is what we have."}


@dataclass(frozen=True)
class Write:
    """An e-mail about one account, perhaps in reply to a message."""

    account: Account
    in_reply_to: str | None = None
    phase: Phase = "work"

    async def perform(self, stage: Stage, person: Person) -> None:
        """Ask, and let the person take what is sent."""
        contact_point_id = self.account.emails[0]
        more: dict[str, Any] = {"channel": "email", "content": CONTENT}
        if self.in_reply_to:
            more |= {"in_reply_to": self.in_reply_to, "content": ANSWER}
        decided = await ask(stage, person, self.account, contact_point_id, **more)
        if decided["decision"] == "permit" and not self.in_reply_to:
            self._let_take(stage, person, decided["id"])

    def _let_take(self, stage: Stage, person: Person, attempt_id: str) -> None:
        chance = stage.chance(person, f"mail {self.account.number}")
        agenda, tomorrow = stage.agenda, stage.agenda.day_after(stage.index, 1)
        manner = person.character.manner
        if chance.random() < BOUNCE_SHARE:
            bounced = Became(attempt_id=attempt_id, outcome="email_bounced", phase="after")
            agenda.add(stage.index, person, bounced)
        elif manner == "unsubscribes":
            unsubscribed = Became(attempt_id=attempt_id, outcome="email_unsubscribed")
            agenda.add_on(tomorrow, None, person, unsubscribed)
        elif manner == "replies_stop":
            stop = OptOutOfMail(contact_point_id=self.account.emails[0])
            agenda.add_on(tomorrow, None, person, stop)
        elif chance.random() < QUESTION_SHARE:
            agenda.add_on(tomorrow, None, person, WriteBack(account=self.account))


@dataclass(frozen=True)
class Became:
    """What became of an e-mail after it was sent."""

    attempt_id: str
    outcome: str
    phase: Phase = "life"

    async def perform(self, stage: Stage, person: Person) -> None:
        """Report it."""
        path = f"/v1/attempts/{self.attempt_id}/outcome"
        key = stage.key(person, "became")
        refusals = ("outcome-on-record",)  # it was not sent after all
        await stage.apis.post("contact", path, {"outcome": self.outcome}, key, refusals)
        stage.tally.outcomes[self.outcome] += 1


@dataclass(frozen=True)
class WriteBack:
    """The person answers an e-mail with a question, which is answered in turn."""

    account: Account
    phase: Phase = "life"

    async def perform(self, stage: Stage, person: Person) -> None:
        """Hand the message in."""
        body = {
            "consumer_id": person.consumer_id,
            "channel": "email",
            "contact_point_id": self.account.emails[0],
            "text": "I will look into this. What was this for?",
        }
        key = stage.key(person, "message")
        answer = await stage.apis.post("contact", "/v1/inbound-messages", body, key)
        reply = Write(account=self.account, in_reply_to=answer.body["id"])
        stage.agenda.add(stage.index, person, reply)
