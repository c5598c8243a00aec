"""The contact service's attempts laid beside compliance's permits, both ways."""

from dataclasses import dataclass
from datetime import datetime

from tests.oracle.gate import Aim, read_aim
from tests.oracle.log import Event
from tests.oracle.outcomes import NOTHING
from tests.oracle.permits import UNDECIDED, Permit
from tests.oracle.report import Findings


@dataclass(slots=True)
class ContactAttempt:
    """An attempt as the contact service has it."""

    tenant: str
    attempt_id: str
    consumer_id: str
    permit_id: str
    aim: Aim
    event_id: str
    is_permitted: bool
    dispatch_event_id: str | None = None
    is_refused: bool = False
    outcome: str | None = None
    outcome_event_id: str | None = None
    outcome_recorded_at: datetime | None = None


class Attempts:
    """The contact service's attempts, to be laid beside compliance's permits."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._attempts: dict[tuple[str, str], ContactAttempt] = {}
        self._by_permit: dict[tuple[str, str], ContactAttempt] = {}
        self._tenants: set[str] = set()
        self._outside: set[tuple[str, str]] = set()

    def leave_out(self, tenant: str, permit_id: str) -> None:
        """Expect no attempt of a permit: whoever redeemed it has channels of their own."""
        self._outside.add((tenant, permit_id))

    def take(self, event: Event) -> None:
        """Remember what an event of an attempt says."""
        logged, body = event.logged, event.body
        if event.name in ("attempt-permitted", "attempt-vetoed"):
            attempt = ContactAttempt(
                tenant=logged.tenant,
                attempt_id=body["attempt_id"],
                consumer_id=body["consumer_ids"][0],
                permit_id=body["permit_id"],
                aim=read_aim(body, body["consumer_ids"][0]),
                event_id=event.id,
                is_permitted=event.name == "attempt-permitted",
            )
            self._tenants.add(logged.tenant)
            self._attempts[logged.tenant, logged.stream] = attempt
            first = self._by_permit.setdefault((logged.tenant, attempt.permit_id), attempt)
            if first is not attempt:
                self._name(
                    "permit-of-two-attempts", attempt, event.id, f"So had {first.attempt_id}."
                )
            return
        known = self._attempts.get((logged.tenant, logged.stream))
        if known is None:
            return
        match event.name:
            case "dispatch-started":
                if known.dispatch_event_id is not None:
                    self._name("dispatched-twice", known, event.id, "It was dispatched before.")
                known.dispatch_event_id = event.id
            case "dispatch-refused":
                known.is_refused = True
            case "attempt-concluded":
                known.outcome = body["outcome"]
                known.outcome_event_id = event.id
                known.outcome_recorded_at = event.recorded_at

    def finish(
        self, permits: dict[tuple[str, str], Permit], tenants: set[str], settled: datetime
    ) -> None:
        """Lay attempts and permits side by side, both ways.

        `tenants` are those whose compliance log is at hand, `settled` the instant before which
        everything must have arrived.
        """
        for attempt in self._attempts.values():
            if attempt.tenant in tenants and attempt.is_permitted:
                self._check(attempt, permits.get((attempt.tenant, attempt.permit_id)), settled)
        for (tenant, permit_id), permit in permits.items():
            if permit.redeemed_at is None or tenant not in self._tenants:
                continue
            if (tenant, permit_id) in self._outside:
                continue
            self._findings.checked["redeemed-without-attempt"] += 1
            if (tenant, permit_id) not in self._by_permit:
                self._findings.name(
                    "redeemed-without-attempt",
                    tenant,
                    permit.consumer_id,
                    (permit.redeemed_event_id or permit.event_id,),
                    f"The permit {permit_id} was redeemed, but no attempt has it.",
                )

    def _check(self, attempt: ContactAttempt, permit: Permit | None, settled: datetime) -> None:
        self._findings.checked["contact-without-permit"] += 1
        if permit is None:
            event_id = attempt.dispatch_event_id or attempt.event_id
            self._name("contact-without-permit", attempt, event_id, "No such permit was granted.")
            return
        if permit.aim != attempt.aim:
            self._name(
                "permit-mismatch", attempt, attempt.event_id, f"It was granted for {permit.aim}."
            )
        if attempt.outcome is None or attempt.outcome_event_id is None:
            return
        if permit.redeemed_at is None:
            if attempt.outcome not in (*NOTHING, UNDECIDED):
                self._name(
                    "contact-without-permit",
                    attempt,
                    attempt.outcome_event_id,
                    f"{attempt.outcome} came of it, and it was never redeemed.",
                )
            return
        self._findings.checked["outcome-not-reported"] += 1
        is_due = attempt.outcome_recorded_at is not None and attempt.outcome_recorded_at < settled
        if is_due and permit.outcome != attempt.outcome:
            self._name(
                "outcome-not-reported",
                attempt,
                attempt.outcome_event_id,
                f"{attempt.outcome} came of it; compliance has {permit.outcome}.",
            )

    def _name(self, code: str, attempt: ContactAttempt, event_id: str, sentence: str) -> None:
        self._findings.name(
            code,
            attempt.tenant,
            attempt.attempt_id,
            (event_id,),
            f"The attempt {attempt.attempt_id} has the permit {attempt.permit_id}. {sentence}",
        )
