"""What the services that heard a stop said of it: the truth that gates are held against."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.oracle import stops
from tests.oracle.gate import Fact as GateFact
from tests.oracle.gate import Gate, Scene
from tests.oracle.joint import JointDebts
from tests.oracle.log import Event
from tests.oracle.report import Findings

SERVICE_OF = {
    "account": "ledger",
    "plan": "ledger",
    "placement": "ledger",
    "creditor": "ledger",
    "contact": "contact",
    "attempt": "contact",
    "dispute": "disputes",
}

OPT_OUT_FIELDS = ("received_at", "medium", "contact_point_id", "digest")
DISPUTE_FIELDS = ("account_id", "in_writing", "received_at", "disputed_amount", "timely")


@dataclass(slots=True)
class Stop:
    """A stop in the words of the service that heard it."""

    fact: GateFact
    recorded_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A contact point as its own service recorded it."""

    contact_point_id: str
    digest: str
    zones: frozenset[str]
    states: frozenset[str]


class Sources:
    """Stops by consumer, and how far every stream of the other services goes."""

    def __init__(self, findings: Findings, staleness: timedelta) -> None:
        self._findings = findings
        self._staleness = staleness
        self._stops: dict[tuple[str, str], list[Stop]] = defaultdict(list)
        self._by_key: dict[tuple[str, str, str], list[Stop]] = defaultdict(list)
        self._points: dict[tuple[str, str, int], Point] = {}
        self._versions: dict[tuple[str, str], int] = {}
        self._services: set[tuple[str, str]] = set()
        self._gates_seen: set[tuple[str, str]] = set()
        self._joint = JointDebts(findings, staleness)

    def take(self, event: Event) -> None:
        """Remember what an event of the ledger, contact or disputes says."""
        logged, body = event.logged, event.body
        self._versions[logged.tenant, logged.stream] = logged.version
        self._services.add((logged.tenant, logged.service))
        if event.name == "contact-point-recorded":
            self._points[logged.tenant, logged.stream, logged.version] = Point(
                contact_point_id=body["contact_point_id"],
                digest=body["digest"],
                zones=frozenset(body["zones"]),
                states=frozenset(body["states"]),
            )
        self._joint.take(event)
        stated = _stated(event)
        if stated is not None:
            self._begin(event, *stated)
        for key in _ended(event):
            for stop in self._by_key.get((logged.tenant, logged.stream, key), ()):
                stop.ended_at = stop.ended_at or logged.recorded_at

    def _begin(self, event: Event, key: str, body: dict[str, Any]) -> None:
        logged = event.logged
        for consumer_id in event.body["consumer_ids"]:
            fact = GateFact(key, logged.stream, logged.version, event.id, body["kind"], body)
            stop = Stop(fact=fact, recorded_at=logged.recorded_at)
            self._stops[logged.tenant, consumer_id].append(stop)
            self._by_key[logged.tenant, logged.stream, key].append(stop)

    def check_redeem(self, scene: Scene) -> None:
        """Name a redeem that a stop barred, as its own service had stated it."""
        gate = scene.gate
        for stop in self._stops.get((gate.tenant, gate.consumer_id), ()):
            where = (stop.fact.source, stop.fact.version)
            if self._binds(stop, scene, is_heard=where in gate.heard):
                stops.check_stated(scene, stop.fact, self._findings)
        if scene.aim.party_id == gate.consumer_id:
            return
        # Another consumer, reached through this one's gate: what they said elsewhere binds, too.
        for stop in self._stops.get((gate.tenant, scene.aim.party_id), ()):
            if self._binds(stop, scene, is_heard=False):
                stops.check_stated(scene, stop.fact, self._findings)

    def _binds(self, stop: Stop, scene: Scene, *, is_heard: bool) -> bool:
        at = scene.event.recorded_at
        if stop.ended_at is not None and stop.ended_at <= at:
            return False
        # A redeem stands on what was known when it was decided, and what it allows ends a minute
        # after that, however long its commit takes.
        return is_heard or scene.at > stop.recorded_at + self._staleness

    def check_fact(self, gate: Gate, event: Event) -> None:
        """Name a fact that no event of its source can have stated, or stated otherwise."""
        body = event.body
        source, version = body["source_stream"], body["source_version"]
        service = SERVICE_OF.get(source.partition("-")[0], "")
        if (gate.tenant, service) not in self._services:
            return
        self._findings.checked["fact-without-source"] += 1
        if version > self._versions.get((gate.tenant, source), 0):
            self._name(
                "fact-without-source",
                gate,
                event,
                f"It stands on version {version} of {source}, which is not in the log.",
            )
        point = self._points.get((gate.tenant, source, version))
        if event.name != "fact-recorded" or body["fact"]["kind"] != "contact-point-known":
            return
        fact = body["fact"]
        known = Point(
            contact_point_id=fact["contact_point_id"],
            digest=fact["digest"],
            zones=frozenset(fact.get("zones", ())),
            states=frozenset(fact.get("states", ())),
        )
        if point is not None and point != known:
            self._name(
                "fact-differs-from-source",
                gate,
                event,
                f"The gate has {known} where {source} says {point}.",
            )

    def finish_gate(self, gate: Gate, end: datetime) -> None:
        """Name the stops that this gate should have taken in by now and has not."""
        self._gates_seen.add((gate.tenant, gate.consumer_id))
        for stop in self._stops.get((gate.tenant, gate.consumer_id), ()):
            self._check_heard(gate, stop, end)
        self._joint.finish_gate(gate, end)

    def finish(self, end: datetime) -> None:
        """Name the stops of consumers that have no gate at all."""
        for (tenant, consumer_id), stated in self._stops.items():
            is_judged = (tenant, "compliance") in self._services
            if is_judged and (tenant, consumer_id) not in self._gates_seen:
                for stop in stated:
                    self._check_heard(Gate(tenant, consumer_id), stop, end)

    def note_compliance(self, tenant: str) -> None:
        """Remember that compliance's log of a tenant is at hand."""
        self._services.add((tenant, "compliance"))

    def _check_heard(self, gate: Gate, stop: Stop, end: datetime) -> None:
        self._findings.checked["stop-not-heard"] += 1
        is_due = stop.recorded_at + self._staleness < end and stop.ended_at is None
        if is_due and (stop.fact.source, stop.fact.version) not in gate.heard:
            self._findings.name(
                "stop-not-heard",
                gate.tenant,
                gate.consumer_id,
                (stop.fact.event_id,),
                f"{stop.fact.kind} {stop.fact.key}, version {stop.fact.version} of"
                f" {stop.fact.source}, has not reached the gate.",
            )

    def _name(self, code: str, gate: Gate, event: Event, sentence: str) -> None:
        self._findings.name(code, gate.tenant, gate.consumer_id, (event.id,), sentence)


def _stated(event: Event) -> tuple[str, dict[str, Any]] | None:
    """Return the key of the stop that an event states, and the stop as a gate would hold it."""
    body = event.body
    match event.name:
        case "cease-requested":
            kind = "cease-notice" if body["in_writing"] else "oral-stop"
            return body["fact_id"], _only(body, kind, "received_at", "account_ids")
        case "attorney-retained":
            return body["fact_id"], _only(body, event.name, "received_at", "account_ids")
        case "opt-out-recorded":
            return body["fact_id"], _only(body, "opt-out", *OPT_OUT_FIELDS)
        case "wrong-number-reported":
            return body["fact_id"], _only(body, "wrong-number", "contact_point_id")
        case "dispute-opened":
            return body["dispute_id"], _only(
                body, body.get("kind", "dispute").replace("_", "-"), *DISPUTE_FIELDS
            )
        case "hold-placed":
            key = f"hold-{body['hold_id']}"
            return key, _only(body, "account-hold", "account_id", "hold_id", "reason")
        case "account-recalled" | "account-closed":
            standing = {
                "kind": "account-standing",
                "account_id": body["account_id"],
                "lifecycle": event.name.removeprefix("account-"),
                "owes": False,
            }
            return f"standing-{body['account_id']}", standing
        case _:
            return None


def _ended(event: Event) -> tuple[str, ...]:
    """Return the keys of the stops of the same stream that an event ends."""
    body = event.body
    match event.name:
        case "protective-fact-released":
            return (body["fact_id"],)
        case "hold-lifted":
            return (f"hold-{body['hold_id']}",)
        case "account-reopened":
            return (f"standing-{body['account_id']}",)
        case "dispute-answered" | "dispute-resolved":
            return (body["dispute_id"],)
        case _:
            return ()


def _only(body: dict[str, Any], kind: str, *fields: str) -> dict[str, Any]:
    return {"kind": kind, **{each: body[each] for each in fields if each in body}}
