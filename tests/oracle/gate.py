"""What one consumer's gate has taken in so far: facts by kind, and every attempt.

A fact is replaced by a newer version of its source and nothing else; nothing is ever forgotten.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.oracle import places
from tests.oracle.log import Event, instant
from tests.oracle.outcomes import TELEPHONE, slack_s

PROFESSIONALS = (
    "attorney",
    "creditor",
    "creditor_attorney",
    "collector_attorney",
    "consumer_reporting_agency",
)
"""12 CFR 1006.6(d)(1)(ii)-(vi): whom the limits on calls and most stops do not protect."""


@dataclass(frozen=True, slots=True)
class Aim:
    """Who was to be reached, how and what for."""

    consumer_id: str
    account_ids: tuple[str, ...]
    party_id: str
    channel: str
    contact_point_id: str | None
    purpose: str
    content_digest: str
    act: str
    in_reply_to: str | None
    portion: str
    technology: str = "live"
    renewed_for: str | None = None
    says: tuple[str, ...] = ()
    disclosures: tuple[str, ...] = ()

    @property
    def medium(self) -> str:
        """Return the medium: a voicemail goes through the telephone."""
        return "call" if self.channel == "voicemail" else self.channel

    @property
    def slack(self) -> timedelta:
        """Return within how long after the redeem the dispatch begins."""
        return timedelta(seconds=slack_s(self.channel))


def read_aim(body: dict[str, Any], consumer_id: str | None = None) -> Aim:
    """Read a permit's request, or the same fields of an attempt of that consumer."""
    return Aim(
        consumer_id=consumer_id or body["consumer_id"],
        account_ids=tuple(body["account_ids"]),
        party_id=body["party_id"],
        channel=body["channel"],
        contact_point_id=body.get("contact_point_id"),
        purpose=body["purpose"],
        content_digest=body["content_digest"],
        act=body.get("act", "contact"),
        in_reply_to=body.get("in_reply_to"),
        portion=body.get("portion", "whole"),
        technology=body.get("technology", "live"),
        renewed_for=body.get("renewed_for"),
        says=tuple(body.get("says", ())),
        disclosures=tuple(body.get("disclosures", ())),
    )


@dataclass(slots=True)
class Fact:
    """One fact: its key and source, and what it says."""

    key: str
    source: str
    version: int
    event_id: str
    kind: str
    body: dict[str, Any]


@dataclass(slots=True)
class Attempt:
    """One attempt, from the grant of its permit to what came of it."""

    permit_id: str
    aim: Aim
    event_id: str
    first_at: datetime
    granted_at: datetime | None = None
    expires_at: datetime | None = None
    redeemed_at: datetime | None = None
    redeemed_event_id: str | None = None
    ended_by: str | None = None
    outcome: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    discussed: tuple[str, ...] = ()
    raised: tuple[str, ...] = ()
    answers: str | None = None
    confirms: tuple[str, ...] = ()

    @property
    def earliest(self) -> datetime:
        """Return the first instant at which it can have gone out."""
        return self.started_at or self.redeemed_at or self.first_at

    @property
    def latest(self) -> datetime:
        """Return the last instant at which it can have gone out."""
        if self.started_at is not None:
            return self.started_at
        begins = self.redeemed_at or self.expires_at or self.first_at
        return begins + self.aim.slack

    def is_open(self, at: datetime) -> bool:
        """Tell whether the permit is unused and can still be redeemed."""
        if self.redeemed_at is not None or self.ended_by is not None or self.outcome is not None:
            return False
        return self.expires_at is not None and at < self.expires_at


@dataclass(slots=True)
class Gate:
    """One consumer's gate at one point of its stream."""

    tenant: str
    consumer_id: str
    attempts: dict[str, Attempt] = field(default_factory=dict)
    heard: dict[tuple[str, int], str] = field(default_factory=dict)
    _facts: dict[tuple[str, str], Fact | None] = field(default_factory=dict)
    _versions: dict[tuple[str, str], int] = field(default_factory=dict)
    _kinds: dict[str, dict[tuple[str, str], Fact]] = field(default_factory=dict)

    def of(self, kind: str) -> list[Fact]:
        """Return the facts of a kind that are in force."""
        return list(self._kinds.get(kind, {}).values())

    def kinds(self) -> list[str]:
        """Return the kinds of the facts in force."""
        return list(self._kinds)

    def take(self, event: Event) -> bool:
        """Take a fact or its release in; false if an equal or newer version was there before."""
        source, version = event.body["source_stream"], event.body["source_version"]
        key = (source, event.body["fact_key"])
        self.heard.setdefault((source, version), event.id)
        if version <= self._versions.get(key, 0):
            return False
        self._versions[key] = version
        before = self._facts.get(key)
        if before is not None:
            del self._kinds[before.kind][key]
        fact = None
        if event.name == "fact-recorded":
            body = event.body["fact"]
            fact = Fact(key[1], source, version, event.id, body["kind"], body)
            self._kinds.setdefault(fact.kind, {})[key] = fact
        self._facts[key] = fact
        return True

    def recent(self, at: datetime, days: int = 16) -> list[Attempt]:
        """Return the attempts of the last days: more than any window reaches back."""
        found = []
        since = at - timedelta(days=days)
        for attempt in reversed(self.attempts.values()):
            if attempt.first_at < since:
                break
            found.append(attempt)
        return found

    def role(self, party_id: str) -> str:
        """Return who a party is."""
        if party_id == self.consumer_id:
            return "consumer"
        for fact in self.of("party-known"):
            if fact.body["party_id"] == party_id:
                return str(fact.body.get("relation") or fact.body["role"])
        return "unknown"

    def has_status(self, status: str) -> bool:
        """Tell whether the consumer is known to have died, or to be a minor."""
        return any(each.body["status"] == status for each in self.of("consumer-status"))

    def is_as_consumer(self, party_id: str) -> bool:
        """Tell whether a party counts as the consumer (12 CFR 1006.6(a))."""
        match self.role(party_id):
            case "consumer" | "spouse" | "guardian" | "successor_in_interest":
                return True
            case "parent":
                return self.has_status("minor")
            case "estate_representative":
                return self.has_status("deceased")
            case _:
                return False

    def owes(self, account_id: str) -> bool:
        """Tell whether anything is owed on an account, as far as the gate knows."""
        return any(
            each.body["owes"]
            for each in self.of("account-standing")
            if each.body["account_id"] == account_id
        )

    def states(self, party_id: str) -> set[str]:
        """Return every state, and city with laws of its own, in which the party may be."""
        found: set[str] = set()
        for kind in ("location-evidence", "contact-point-known"):
            for each in self.of(kind):
                is_wrong = kind == "contact-point-known" and self.is_wrong(
                    each.body["contact_point_id"]
                )
                if self.is_of(each, party_id) and not is_wrong:
                    found.update(each.body.get("states", ()))
                    found.update(each.body.get("localities", ()))
        return found

    def is_of(self, fact: Fact, party_id: str) -> bool:
        """Tell whether a fact is of that party; one that names nobody is of the consumer."""
        return (fact.body.get("party_id") or self.consumer_id) == party_id

    def point(self, contact_point_id: str | None) -> Fact | None:
        """Return a contact point that the gate knows."""
        for fact in self.of("contact-point-known"):
            if fact.body["contact_point_id"] == contact_point_id:
                return fact
        return None

    def is_wrong(self, contact_point_id: str | None) -> bool:
        """Tell whether a contact point is known not to be the person's."""
        return any(
            each.body["contact_point_id"] == contact_point_id for each in self.of("wrong-number")
        )

    def debt(self, account_id: str) -> str:
        """Return the particular debt of an account: some accounts are one (1006.14(b)(4))."""
        for fact in self.of("account-known"):
            if fact.body["account_id"] == account_id:
                return fact.body.get("debt_key") or account_id
        return account_id

    def zone_names(self, party_id: str) -> set[str]:
        """Return every zone in which the party may be, as far as the gate knows."""
        places_known = [each for each in self.of("location-evidence") if self.is_of(each, party_id)]
        actual = [each for each in places_known if each.body.get("is_actual")]
        if not actual:
            places_known += [
                each
                for each in self.of("contact-point-known")
                if self.is_of(each, party_id) and not self.is_wrong(each.body["contact_point_id"])
            ]
        names: set[str] = set()
        for fact in actual or places_known:
            names |= places.zone_names(fact.body.get("zones", ()), fact.body.get("states", ()))
        return names


@dataclass(frozen=True, slots=True)
class Scene:
    """A redeem, and what was known when it happened."""

    gate: Gate
    event: Event
    permit_id: str
    aim: Aim
    role: str
    answers: str | None
    confirms: tuple[str, ...]

    @property
    def at(self) -> datetime:
        """Return when it happened."""
        return self.event.at

    @property
    def is_call(self) -> bool:
        """Tell whether it is a telephone call whose number the law limits."""
        return self.aim.channel in TELEPHONE and self.role not in PROFESSIONALS

    @property
    def is_to_professional(self) -> bool:
        """Tell whether someone is contacted whom the stops do not protect."""
        return self.role in PROFESSIONALS


def scene(gate: Gate, event: Event) -> Scene:
    """Set the scene of a grant or a redeem."""
    aim = read_aim(event.body["request"])
    return Scene(
        gate=gate,
        event=event,
        permit_id=event.body["permit_id"],
        aim=aim,
        role=gate.role(aim.party_id),
        answers=event.body.get("answers"),
        confirms=tuple(event.body.get("confirms", ())),
    )


def apply(gate: Gate, event: Event) -> None:
    """Take in what an event of the gate says of an attempt."""
    body = event.body
    match event.name:
        case "permit-granted":
            gate.attempts[body["permit_id"]] = Attempt(
                permit_id=body["permit_id"],
                aim=read_aim(body["request"]),
                event_id=event.id,
                first_at=event.at,
                granted_at=event.at,
                expires_at=instant(body["expires_at"]),
                answers=body.get("answers"),
                confirms=tuple(body.get("confirms", ())),
            )
        case "permit-redeemed":
            attempt = gate.attempts.get(body["permit_id"])
            if attempt is None:
                attempt = Attempt(body["permit_id"], read_aim(body["request"]), event.id, event.at)
                gate.attempts[attempt.permit_id] = attempt
            attempt.redeemed_at = event.at
            attempt.redeemed_event_id = event.id
            attempt.answers = body.get("answers")
            attempt.confirms = tuple(body.get("confirms", ()))
        case "permit-released" | "permit-revoked":
            attempt = gate.attempts.get(body["permit_id"])
            if attempt is not None:
                attempt.ended_by = event.name
        case "outcome-reported":
            attempt = gate.attempts.get(body["permit_id"])
            if attempt is not None:
                _conclude(attempt, body)
        case "unpermitted-attempt-reported":
            attempt = Attempt(body["attempt_id"], read_aim(body["request"]), event.id, event.at)
            _conclude(attempt, body)
            gate.attempts[attempt.permit_id] = attempt


def _conclude(attempt: Attempt, body: dict[str, Any]) -> None:
    attempt.outcome = body["outcome"]
    attempt.started_at = instant(body["started_at"])
    attempt.ended_at = instant(body["ended_at"])
    attempt.discussed = tuple(body.get("discussed", ()))
    attempt.raised = tuple(body.get("raised", ()))
