"""Writes histories by hand, as raw JSON events, for the oracle's own tests.

It knows the formats and no product code. Every act writes what all services would have logged of
it, in one virtual time in which an event is recorded when it happens.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.oracle.log import LoggedEvent

START = datetime(2026, 6, 1, 16, tzinfo=UTC)
"""A Monday noon in New York, where everyone in these histories lives."""

ZONES = ("America/New_York",)
TENANT = "agy_1"
_TICK = timedelta(milliseconds=1)
_SEALED = {"key_id": "key_1", "nonce": "bm9uY2U=", "ciphertext": "Y2lwaGVy"}


def text(at: datetime) -> str:
    """Write an instant as it is stored."""
    return at.isoformat().replace("+00:00", "Z")


def usd(amount: int) -> dict[str, Any]:
    """Write an amount."""
    return {"amount": amount, "currency": "USD"}


class Log:
    """Four event logs in one virtual time."""

    def __init__(self) -> None:
        self.events: list[LoggedEvent] = []
        self.now = START
        self._versions: dict[str, int] = defaultdict(int)
        self._count = 0

    def new(self, prefix: str) -> str:
        """Return a fresh id."""
        self._count += 1
        return f"{prefix}_{self._count}"

    def at(self, day: int, hour: int, minute: int = 0, second: int = 0) -> None:
        """Go on to an hour in New York, that many days after the start."""
        noon = START + timedelta(days=day)
        then = noon + timedelta(hours=hour - 12, minutes=minute, seconds=second)
        self.now = max(self.now, then)

    def version(self, stream: str) -> int:
        """Return the version of a stream's newest event."""
        return self._versions[stream]

    def emit(self, service: str, stream: str, name: str, body: Mapping[str, Any]) -> str:
        """Log one event now and return its id."""
        self.now += _TICK
        self._versions[stream] += 1
        event_id = self.new("evt")
        logged = LoggedEvent(
            tenant=TENANT,
            stream=stream,
            version=self._versions[stream],
            event_id=event_id,
            type=f"forbear.{service}.{name}.v1",
            data=json.dumps({"at": text(self.now), **body}, sort_keys=True).encode(),
            metadata=json.dumps({"actor": "user:1", "correlation_id": "req_1"}).encode(),
            occurred_at=self.now,
            recorded_at=self.now,
            order=(self._count, self._count),
        )
        self.events.append(logged)
        return event_id

    def fact(
        self, consumer: str, key: str, source: str, kind: str, body: Mapping[str, Any]
    ) -> None:
        """Have a gate take in what the newest event of a source states."""
        self.emit(
            "compliance",
            f"gate-{consumer}",
            "fact-recorded",
            {
                "consumer_ids": [consumer],
                "fact_key": key,
                "source_stream": source,
                "source_version": self.version(source),
                "fact": {"kind": kind, **body},
            },
        )

    def release(self, consumer: str, key: str, source: str) -> None:
        """Have a gate let go of a fact, as the newest event of its source says."""
        self.emit(
            "compliance",
            f"gate-{consumer}",
            "fact-released",
            {
                "consumer_ids": [consumer],
                "fact_key": key,
                "source_stream": source,
                "source_version": self.version(source),
                "released_by": "user:1",
                "reason": "superseded",
            },
        )


class Debtor:
    """One consumer with one account, a telephone and an e-mail address."""

    def __init__(self, log: Log, *, balance: int = 100_00) -> None:
        self.log = log
        self.consumer = log.new("cns")
        self.account = log.new("acct")
        self.phone = log.new("cp")
        self.email = log.new("cp")
        self.profile = f"contact-{self.consumer}"
        self.owed = {"principal": balance - 30_00, "interest": 20_00, "fees": 10_00}
        self._place(balance)
        self._record_point(self.phone, "phone", "mobile", ZONES)
        self._record_point(self.email, "email", "home", ())
        self.consent_id = self._consent()

    @property
    def _same(self) -> dict[str, Any]:
        return {"account_id": self.account, "consumer_ids": [self.consumer]}

    @property
    def stream(self) -> str:
        """Return the account's stream."""
        return f"account-{self.account}"

    @property
    def balance(self) -> int:
        """Return what is owed."""
        return sum(self.owed.values())

    def _place(self, balance: int) -> None:
        log = self.log
        placed = {
            **self._same,
            "creditor_id": "crd_1",
            "parties": [{"party_id": "pty_1", "consumer_id": self.consumer, "role": "consumer"}],
            "product_type": "credit_card",
            "account_number": _SEALED,
            "buckets": self.owed,
            "balance": usd(balance),
        }
        log.emit("ledger", self.stream, "account-placed", placed)
        self.learn_account(self.account, self.stream)
        self.standing("received", owes=True)
        log.emit("ledger", self.stream, "account-activated", self._same)
        self.standing("active", owes=True)

    def owe_together(self, other: "Debtor") -> str:
        """Have the ledger place an account that both owe; return it."""
        account = self.log.new("acct")
        placed = {
            "account_id": account,
            "consumer_ids": [self.consumer, other.consumer],
            "creditor_id": "crd_1",
            "parties": [],
            "product_type": "credit_card",
            "account_number": _SEALED,
            "buckets": self.owed,
            "balance": usd(self.balance),
        }
        self.log.emit("ledger", f"account-{account}", "account-placed", placed)
        return account

    def go_bankrupt(self, *accounts: str) -> str:
        """File under chapter 13; contact hears it, and this person's gate."""
        return self.state(
            "bankruptcy-reported",
            "bankruptcy",
            learned_at=text(self.log.now),
            chapter=13,
            filed_on="2026-06-01",
            account_ids=list(accounts),
        )

    def learn_account(self, account: str, stream: str) -> None:
        """Have the gate learn of an account, and that it is worked."""
        known = {"account_id": account, "product_type": "credit_card", "debt_key": None}
        self.log.fact(self.consumer, f"account-{account}", stream, "account-known", known)
        if account != self.account:
            active = {"account_id": account, "lifecycle": "active", "owes": True}
            key = f"standing-{account}"
            self.log.fact(self.consumer, key, stream, "account-standing", active)

    def standing(self, lifecycle: str, *, owes: bool) -> None:
        """Have the gate learn where the account stands."""
        self.log.fact(
            self.consumer,
            f"standing-{self.account}",
            self.stream,
            "account-standing",
            {"account_id": self.account, "lifecycle": lifecycle, "owes": owes},
        )

    def record_phone(self, point: str, party: str | None = None) -> None:
        """Record another telephone, of the consumer or another party."""
        self._record_point(point, "phone", "mobile", ZONES, party)

    def record_address(self, point: str) -> None:
        """Record a postal address of the consumer."""
        self._record_point(point, "address", "home", ())

    def _record_point(
        self,
        point: str,
        kind: str,
        label: str,
        zones: tuple[str, ...],
        party: str | None = None,
    ) -> None:
        same = {
            "contact_point_id": point,
            "label": label,
            "digest": f"digest-of-{point}",
            "zones": list(zones),
            "states": [],
            "source": "creditor",
            "party_id": party,
        }
        self._say("contact-point-recorded", {"kind": kind, "value": _SEALED, **same})
        fact = {"point_kind": kind, **same}
        self.log.fact(self.consumer, point, self.profile, "contact-point-known", fact)

    def _say(self, name: str, body: Mapping[str, Any]) -> None:
        consumers = {"consumer_ids": [self.consumer]}
        self.log.emit("contact", self.profile, name, {**consumers, **body})

    def _consent(self) -> str:
        key = self.log.new("cst")
        body = {
            "medium": "email",
            "procedure": "direct_consent",
            "given_at": text(self.log.now),
            "given_to": "this_collector",
            "contact_point_id": self.email,
        }
        self._say("consent-recorded", {"consent_id": key, "account_ids": [], **body})
        self.log.fact(self.consumer, key, self.profile, "message-consent", body)
        return key

    def withdraw(self) -> None:
        """Take the consent to e-mail back."""
        body = {"consent_id": self.consent_id, "withdrawn_at": text(self.log.now)}
        self._say("consent-withdrawn", body)
        self.log.release(self.consumer, self.consent_id, self.profile)

    def state(self, name: str, kind: str, **body: Any) -> str:
        """Make a statement that contact hears and the gate takes in; return its id."""
        key = self.log.new("fact")
        received = {"received_at": text(self.log.now)}
        self._say(name, {"fact_id": key, **received, **body})
        self.log.fact(self.consumer, key, self.profile, kind, {**received, **body})
        return key

    def cease(self) -> str:
        """Demand in writing that contact stop."""
        return self.state(
            "cease-requested", "cease-notice", in_writing=True, account_ids=[], medium="letter"
        )

    def retain_attorney(self) -> str:
        """Be represented."""
        return self.state("attorney-retained", "attorney-retained", account_ids=[self.account])

    def opt_out_of(self, *, medium: str | None = None, point: str | None = None) -> str:
        """Opt a medium or a contact point out; the latter's own stream hears it, too."""
        digest = None if point is None else f"digest-of-{point}"
        key = self.state(
            "opt-out-recorded",
            "opt-out",
            scope="contact_point" if point else "medium",
            medium=medium,
            contact_point_id=point,
            digest=digest,
        )
        if digest is not None:
            opted = {
                "consumer_ids": [self.consumer],
                "fact_key": key,
                "source_stream": self.profile,
                "source_version": self.log.version(self.profile),
                "medium": medium,
            }
            self.log.emit("compliance", f"point-{digest}", "point-opted-out", opted)
        return key

    def write(self, channel: str = "email") -> str:
        """Send us a message."""
        key = self.log.new("inb")
        body = {
            "message_id": key,
            "channel": channel,
            "contact_point_id": self.email if channel == "email" else self.phone,
            "received_at": text(self.log.now),
        }
        self._say("inbound-message-received", body)
        self.log.fact(self.consumer, key, self.profile, "inbound-message", body)
        return key

    def allow_extra_calls(self) -> None:
        """Consent to calls beyond the numbers."""
        self.state("extra-calls-consented", "extra-calls-consent", account_ids=[self.account])

    def state_zone(self, zone: str) -> None:
        """Have the gate learn where the person lives, from what the creditor placed."""
        place = {"evidence": "stated_zone", "zones": [zone]}
        self.log.fact(self.consumer, "zone", self.stream, "location-evidence", place)

    def email_seen(self) -> None:
        """Have somebody say that a third party reads the e-mail."""
        self.state(
            "third-party-disclosure-reported",
            "third-party-disclosure",
            contact_point_id=self.email,
            learned_at=text(self.log.now),
        )

    def disown_phone(self) -> None:
        """Have it turn out that the telephone is somebody else's."""
        learned = text(self.log.now)
        self.state(
            "wrong-number-reported",
            "wrong-number",
            contact_point_id=self.phone,
            learned_at=learned,
        )

    def file(self, kind: str, **body: Any) -> None:
        """Have the gate take in a fact from the agency's files."""
        key = self.log.new("file")
        stated = {
            "consumer_ids": [self.consumer],
            "fact_key": key,
            "source_stream": f"file-{key}",
            "source_version": 1,
            "fact": {"kind": kind, **body},
        }
        self.log.emit("compliance", f"gate-{self.consumer}", "fact-recorded", stated)

    def consent_to(self, *lifts: str, is_lawfully_given: bool = True, **more: Any) -> None:
        """Consent to contact that the law bars otherwise."""
        received = text(self.log.now)
        said = {"is_lawfully_given": is_lawfully_given, **more}
        self.file("prior-consent", lifts=list(lifts), received_at=received, **said)

    def live_in(self, state: str, *cities: str) -> None:
        """Have something show that the person may be in a state, in the same zone, or in a city."""
        where = {"zones": list(ZONES), "states": [state], "localities": list(cities)}
        self.file("location-evidence", evidence="skip_trace", **where)

    def know_party(self, role: str, relation: str | None = None) -> tuple[str, str]:
        """Have the gate learn of another person with a telephone; return who and which."""
        party, point = self.log.new("pty"), self.log.new("cp")
        self.file("party-known", party_id=party, role=role, relation=relation)
        self.record_phone(point, party)
        return party, point

    def clear(self, kind: str, **act: Any) -> None:
        """Have compliance clear an act that is no contact."""
        body = {
            "consumer_ids": [self.consumer],
            "clearance_id": self.log.new("clr"),
            "request": {
                "consumer_id": self.consumer,
                "account_ids": [self.account],
                "party_id": self.consumer,
                "act": {"kind": kind, **act},
            },
            "circumstances": {"stale": [], "parked": [], "unapplied": []},
        }
        self.log.emit("compliance", f"gate-{self.consumer}", "act-cleared", body)
