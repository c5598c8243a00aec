"""An agent calls: asks for leave, dials if there is leave, and reports what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.command.demo.acts.disputing import OpenDispute
from services.command.demo.acts.paying import AgreePlan, Pay
from services.command.demo.acts.speaking import Release
from services.command.demo.agenda import Phase
from services.command.demo.conduct import Reaction, take_call
from services.command.demo.stage import Stage
from services.command.demo.world import Account, Person

PURPOSE = "collection"
CALL_BACK_SHARE = 0.25
PROMISE_DAYS = 3
RELEASE_SHARE = 0.3
RELEASE_DAYS = 6
NOTHING_COMES = frozenset({"third_party_no_disclosure", "wrong_number"})


@dataclass(frozen=True)
class Call:
    """A call about one account; one that was put off already is not put off again."""

    account: Account
    is_second_try: bool = False
    phase: Phase = "work"

    async def perform(self, stage: Stage, person: Person) -> None:
        """Ask, dial, report."""
        chance = stage.chance(person, f"call {self.account.number}")
        contact_point_id = chance.choice(self.account.phones)
        decided = await ask(stage, person, self.account, contact_point_id)
        if decided["decision"] != "permit":
            if chance.random() < CALL_BACK_SHARE and not self.is_second_try:
                self._put_off(stage, person, decided["earliest_permitted_at"])
            return
        if not await dispatch(stage, person, decided["id"]):
            return
        reaction = take_call(person.character, chance, person.conversations, contact_point_id)
        answer = await self._report(stage, person, decided["id"], reaction)
        if answer["conversation"]:
            person.conversations += 1
        self._follow(stage, person, reaction, answer["statements"])

    async def _report(
        self, stage: Stage, person: Person, attempt_id: str, reaction: Reaction
    ) -> dict[str, Any]:
        body = {
            "outcome": reaction.outcome,
            "started_at": stage.now,
            "ended_at": stage.now,
            "statements": list(reaction.statements),
        }
        path = f"/v1/attempts/{attempt_id}/outcome"
        answer = await stage.apis.post("contact", path, body, stage.key(person, "outcome"))
        stage.tally.outcomes[reaction.outcome] += 1
        return answer.body

    def _put_off(self, stage: Stage, person: Person, until: str | None) -> None:
        if until is not None:
            again = Call(account=self.account, is_second_try=True)
            stage.agenda.add_from(datetime.fromisoformat(until), person, again)

    def _follow(self, stage: Stage, person: Person, reaction: Reaction, facts: list[str]) -> None:
        agenda, account = stage.agenda, self.account
        match reaction.follow_up:
            case "plan":
                agenda.add(stage.index, person, AgreePlan(account=account))
            case "payment":
                agenda.add(stage.index, person, Pay(account=account, phase="after"))
            case "promise":
                day = agenda.day_after(stage.index, PROMISE_DAYS)
                if person.character.is_reliable:
                    agenda.add_on(day, "afternoon", person, Pay(account=account))
                else:
                    agenda.add_on(day + 1, "midday", person, Call(account=account))
            case "dispute":
                dispute = OpenDispute(account=account, in_writing=False, phase="after")
                agenda.add(stage.index, person, dispute)
            case "release":
                if facts and stage.chance(person, "release").random() < RELEASE_SHARE:
                    day = agenda.day_after(stage.index, RELEASE_DAYS)
                    agenda.add_on(day, None, person, Release(fact_id=facts[0]))
            case None:
                return


async def ask(
    stage: Stage, person: Person, account: Account, contact_point_id: str, **more: Any
) -> dict[str, Any]:
    """Ask for leave to reach a person; return the decision."""
    body = {
        "account_id": account.account_id,
        "channel": "call",
        "contact_point_id": contact_point_id,
        "purpose": PURPOSE,
        **more,
    }
    answer = await stage.apis.post("contact", "/v1/attempts", body, stage.key(person, "ask"))
    stage.tally.decided(answer.body, stage.instant.at, (stage.index, person.place))
    return answer.body


async def dispatch(stage: Stage, person: Person, attempt_id: str) -> bool:
    """Use the permit of a call; tell whether there is leave to dial."""
    path = f"/v1/attempts/{attempt_id}/dispatch"
    answer = await stage.apis.post(
        "contact", path, {}, stage.key(person, "dispatch"), refusals=("attempt-is-over",)
    )
    if answer.code is not None:
        stage.tally.refused["dispatch after a stop"] += 1
        return False
    if answer.body["decision"] != "dispatch":
        stage.tally.refused["dispatch"] += 1
        return False
    return True
