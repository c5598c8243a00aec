"""A dispute's way: opened, acknowledged, answered, resolved; some are never resolved in time."""

from dataclasses import dataclass
from typing import Literal

from services.command.demo.agenda import Phase
from services.command.demo.draws import weighted
from services.command.demo.stage import Stage
from services.command.demo.world import Account, Person

GROUNDS = {
    "not_mine": 3,
    "wrong_amount": 4,
    "already_paid": 2,
    "identity_theft": 1,
    "goods_or_services": 1,
    "other": 1,
}
WAYS = {"denied": 50, "upheld": 18, "withdrawn": 14, "answered": 8, "acknowledged": 10}
ANSWERS = {"verification": 9, "judgment": 1}
PARTIAL_SHARE = 0.2


@dataclass(frozen=True)
class OpenDispute:
    """The person disputes an account, all of it or a part."""

    account: Account
    in_writing: bool = True
    phase: Phase = "life"

    async def perform(self, stage: Stage, person: Person) -> None:
        """Open it."""
        chance = stage.chance(person, "dispute")
        body = {
            "account_id": self.account.account_id,
            "in_writing": self.in_writing,
            "grounds": weighted(chance, GROUNDS),
            "text": "I do not think that I owe this. Please send me what shows that I do.",
            "consumer_id": person.consumer_id,
        }
        if chance.random() < PARTIAL_SHARE and self.account.balance > 1:
            body["disputed_amount_minor"] = self.account.balance // 2
        answer = await stage.apis.post(
            "disputes", "/v1/disputes", body, stage.key(person, "dispute")
        )
        follow_dispute(stage, person, answer.body["id"])


def follow_dispute(stage: Stage, person: Person, dispute_id: str) -> None:
    """Plan what the agency does about a dispute in the days to come."""
    chance = stage.chance(person, "dispute's way")
    way = weighted(chance, WAYS)
    agenda = stage.agenda
    day = agenda.day_after(stage.index, 1)
    steps: list[tuple[int, Step]] = [(day, Step(dispute_id=dispute_id, kind="acknowledge"))]
    if way in ("denied", "answered"):
        day += chance.randrange(3, 8)
        answer = weighted(chance, ANSWERS)
        steps.append((day, Step(dispute_id=dispute_id, kind="answer", value=answer)))
    if way in ("denied", "upheld", "withdrawn"):
        day += chance.randrange(2, 7)
        steps.append((day, Step(dispute_id=dispute_id, kind="resolve", value=way)))
    for when, step in steps:
        agenda.add_on(when, None, person, step)


@dataclass(frozen=True)
class Step:
    """The agency acknowledges, answers or resolves a dispute."""

    dispute_id: str
    kind: Literal["acknowledge", "answer", "resolve"]
    value: str = ""
    phase: Phase = "life"

    async def perform(self, stage: Stage, person: Person) -> None:
        """Do it."""
        path = f"/v1/disputes/{self.dispute_id}/{self.kind}"
        field = {"acknowledge": None, "answer": "answer", "resolve": "resolution"}[self.kind]
        body = {field: self.value} if field else {}
        await stage.apis.post("disputes", path, body, stage.key(person, self.kind))
