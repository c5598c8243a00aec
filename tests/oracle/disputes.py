"""Disputes: none is denied before it was answered, and while one is open its account is held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.oracle.log import Event
from tests.oracle.report import Findings


@dataclass(slots=True)
class Dispute:
    """One dispute, and since when it has been open and over."""

    tenant: str
    dispute_id: str
    account_id: str
    event_id: str
    opened_at: datetime
    resolved_at: datetime | None = None


@dataclass(slots=True)
class Hold:
    """A hold of an account, by what it came from."""

    source_id: str
    is_lifted: bool = False


class Disputes:
    """Checks every dispute, and that the ledger's holds follow."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._disputes: list[Dispute] = []
        self._stated: list[tuple[str, str, Event]] = []
        self._accounts: set[tuple[str, str]] = set()
        self._holds: dict[tuple[str, str], dict[str, Hold]] = {}

    def take_account(self, event: Event) -> None:
        """Remember an account and its holds; name a hold that is lifted without having been."""
        where = (event.logged.tenant, event.logged.stream.removeprefix("account-"))
        match event.name:
            case "account-placed":
                self._accounts.add(where)
            case "hold-placed":
                self._findings.checked["hold-unmatched"] += 1
                holds = self._holds.setdefault(where, {})
                if event.body["hold_id"] in holds:
                    self._name("hold-unmatched", where, event, "The hold was placed before.")
                holds[event.body["hold_id"]] = Hold(source_id=event.body["source_id"])
            case "hold-lifted":
                hold = self._holds.get(where, {}).get(event.body["hold_id"])
                if hold is None or hold.is_lifted:
                    self._name("hold-unmatched", where, event, "No such hold is in force.")
                else:
                    hold.is_lifted = True

    def take_attempt(self, event: Event) -> None:
        """Remember a dispute that was stated in a call."""
        if event.name == "attempt-concluded" and event.body.get("dispute_id"):
            self._stated.append((event.logged.tenant, event.body["dispute_id"], event))

    def take_dispute(self, stream: Sequence[Event]) -> None:
        """Check one dispute's own order."""
        dispute: Dispute | None = None
        is_answered = False
        for event in stream:
            match event.name:
                case "dispute-opened":
                    dispute = Dispute(
                        tenant=event.logged.tenant,
                        dispute_id=event.body["dispute_id"],
                        account_id=event.body["account_id"],
                        event_id=event.id,
                        opened_at=event.recorded_at,
                    )
                    self._disputes.append(dispute)
                case "dispute-answered":
                    is_answered = True
                case "dispute-resolved":
                    self._findings.checked["denied-without-answer"] += 1
                    if event.body["resolution"] == "denied" and not is_answered:
                        self._findings.name(
                            "denied-without-answer",
                            event.logged.tenant,
                            event.logged.stream,
                            (event.id,),
                            "The dispute was denied before it was answered.",
                        )
                    if dispute is not None:
                        dispute.resolved_at = event.recorded_at

    def finish(self, settled: datetime) -> None:
        """Name what was stated and not opened, disputes without a hold, and holds without one."""
        opened = {(each.tenant, each.dispute_id) for each in self._disputes}
        for tenant, dispute_id, event in self._stated:
            if event.recorded_at >= settled:
                continue
            self._findings.checked["stated-dispute-not-opened"] += 1
            if (tenant, dispute_id) not in opened:
                self._name(
                    "stated-dispute-not-opened",
                    (tenant, event.logged.stream),
                    event,
                    f"The dispute {dispute_id} was stated in a call and never opened.",
                )
        for dispute in self._disputes:
            where = (dispute.tenant, dispute.account_id)
            if where not in self._accounts or dispute.opened_at >= settled:
                continue
            self._findings.checked["dispute-without-hold"] += 1
            holds = [
                each
                for each in self._holds.get(where, {}).values()
                if each.source_id == dispute.dispute_id
            ]
            if not holds:
                self._name_dispute("dispute-without-hold", dispute, "has put no hold on")
            is_over = dispute.resolved_at is not None and dispute.resolved_at < settled
            is_held = any(not each.is_lifted for each in holds)
            if is_over and is_held:
                self._name_dispute("hold-after-resolution", dispute, "is resolved and still holds")
            if dispute.resolved_at is None and holds and not is_held:
                self._name_dispute("dispute-without-hold", dispute, "is open and no longer holds")

    def _name_dispute(self, code: str, dispute: Dispute, what: str) -> None:
        self._findings.name(
            code,
            dispute.tenant,
            dispute.dispute_id,
            (dispute.event_id,),
            f"The dispute {dispute.dispute_id} {what} the account {dispute.account_id}.",
        )

    def _name(self, code: str, where: tuple[str, str], event: Event, sentence: str) -> None:
        self._findings.name(code, where[0], where[1], (event.id,), sentence)
