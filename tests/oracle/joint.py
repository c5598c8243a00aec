"""What one person said of a debt, held against the gates of everyone else who owes it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.oracle.gate import Gate
from tests.oracle.log import Event
from tests.oracle.report import Findings

OF_DEBTS = (
    "bankruptcy-reported",
    "identity-theft-reported",
    "reporting-dispute-noticed",
    "military-service-reported",
)
Consumer = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Debt:
    """An account that several people owe."""

    account_id: str
    consumer_ids: tuple[str, ...]
    recorded_at: datetime


@dataclass(slots=True)
class Said:
    """A statement about debts, as its own service recorded it."""

    event: Event
    accounts: tuple[str, ...]
    ended: bool = False

    def is_about(self, debt: Debt) -> bool:
        """Tell whether it is about that debt; without accounts it is about all."""
        return not self.accounts or debt.account_id in self.accounts


class JointDebts:
    """Joint debts and statements about debts by consumer."""

    def __init__(self, findings: Findings, staleness: timedelta) -> None:
        self._findings = findings
        self._staleness = staleness
        self._debts: dict[Consumer, list[Debt]] = defaultdict(list)
        self._said: dict[Consumer, dict[str, Said]] = defaultdict(dict)

    def take(self, event: Event) -> None:
        """Remember what an event of the ledger or contact says."""
        tenant, body = event.logged.tenant, event.body
        if event.name == "account-placed":
            people = tuple(body["consumer_ids"])
            debt = Debt(body["account_id"], people, event.logged.recorded_at)
            for each in people if len(people) > 1 else ():
                self._debts[tenant, each].append(debt)
        elif event.name in OF_DEBTS:
            said = Said(event, _accounts(body))
            self._said[tenant, body["consumer_ids"][0]][body["fact_id"]] = said
        elif event.name == "protective-fact-released":
            known = self._said[tenant, body["consumer_ids"][0]].get(body["fact_id"])
            if known is not None:
                known.ended = True

    def finish_gate(self, gate: Gate, end: datetime) -> None:
        """Name what others said of this consumer's debts and the gate should know by now."""
        for debt in self._debts.get((gate.tenant, gate.consumer_id), ()):
            for other in debt.consumer_ids:
                if other != gate.consumer_id:
                    self._check(gate, debt, other, end)

    def _check(self, gate: Gate, debt: Debt, other: str, end: datetime) -> None:
        for said in self._said.get((gate.tenant, other), {}).values():
            self._findings.checked["debt-fact-not-shared"] += 1
            logged = said.event.logged
            known_at = max(logged.recorded_at, debt.recorded_at)
            if said.ended or not said.is_about(debt) or known_at + self._staleness >= end:
                continue
            if (logged.stream, logged.version) not in gate.heard:
                self._findings.name(
                    "debt-fact-not-shared",
                    gate.tenant,
                    gate.consumer_id,
                    (said.event.id,),
                    f"{said.event.name} about {debt.account_id}, version {logged.version} of"
                    f" {logged.stream}, has not reached who owes it too.",
                )


def _accounts(body: dict[str, Any]) -> tuple[str, ...]:
    if "account_id" in body:
        return (body["account_id"],)
    return tuple(body.get("account_ids", ()))
