"""What the agency itself puts on record: licences, packs of its own, checks of what it sends.

They stand in streams beside the gates', so every redeem is kept until all of them were read.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.oracle import places
from tests.oracle.gate import PROFESSIONALS, Aim, Scene
from tests.oracle.log import Event, day_or_none, instant
from tests.oracle.outcomes import went_out
from tests.oracle.permits import Permit
from tests.oracle.report import Findings

LICENSED = frozenset(
    "AK AZ AR CA CO CT HI ID IL IN MA MD ME MI MN NC ND NE NM NV TN UT WA WI WV WY"  # licences
    " DE FL LA NJ OR RI TX NYC CHI BUF YON".split()  # registrations, bonds, cities
)
"""States and cities that ask agencies for a licence, registration or bond."""

CHANNELS = frozenset(
    {"call", "voicemail", "text", "email", "letter", "portal", "in_person", "social"}
)
"""The ways a contact is redeemed for; content may be checked for others too."""

LATEST_ZONE = "Pacific/Pago_Pago"
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Used:
    """A redeem, as far as the agency's own records bear on it."""

    permit_id: str
    consumer_id: str
    event_id: str
    at: datetime
    order: tuple[int, int]
    aim: Aim
    states: frozenset[str]
    zones: tuple[str, ...]
    is_professional: bool
    is_answer: bool
    wrong_points: frozenset[str]


@dataclass(slots=True)
class Pack:
    """One pack of the agency's own, and from when to when it is enforced."""

    document: dict[str, Any]
    active_from: datetime | None = None
    withdrawn_from: datetime | None = None


class Agencies:
    """Every redeem beside what its agency had put on record."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._used: dict[str, list[Used]] = defaultdict(list)
        self._licences: dict[str, list[Event]] = defaultdict(list)
        self._checks: dict[tuple[str, str], list[Event]] = defaultdict(list)
        self._packs: dict[tuple[str, str], Pack] = {}

    def take(self, kind: str, event: Event) -> None:
        """Remember what an event of an agency's stream says."""
        tenant, body = event.logged.tenant, event.body
        match kind:
            case "licences":
                self._licences[tenant].append(event)
            case "content":
                self._checks[tenant, body["content_digest"]].append(event)
            case _:
                self._take_pack(tenant, event)

    def _take_pack(self, tenant: str, event: Event) -> None:
        key = (tenant, event.body["pack_id"])
        if event.name == "rule-pack-drafted":
            self._packs[key] = Pack(json.loads(event.body["document"]))
        elif event.name == "rule-pack-activated":
            self._packs[key].active_from = instant(event.body["effective_at"])
        elif event.name == "rule-pack-withdrawn":
            self._packs[key].withdrawn_from = instant(event.body["effective_at"])

    def use(self, scene: Scene) -> None:
        """Keep a redeem."""
        gate = scene.gate
        self._used[gate.tenant].append(
            Used(
                permit_id=scene.permit_id,
                consumer_id=gate.consumer_id,
                event_id=scene.event.id,
                at=scene.at,
                order=scene.event.logged.order,
                aim=scene.aim,
                states=frozenset(gate.states(scene.aim.party_id)),
                zones=tuple(sorted(gate.zone_names(scene.aim.party_id))),
                is_professional=scene.role in PROFESSIONALS,
                is_answer=scene.answers is not None or bool(scene.confirms),
                wrong_points=frozenset(
                    each.body["contact_point_id"] for each in gate.of("wrong-number")
                ),
            )
        )

    def finish(self, permits: dict[tuple[str, str], Permit]) -> None:
        """Name every redeem that a record of its agency forbade."""
        for tenant, used in self._used.items():
            for each in used:
                self._check_licence(tenant, each)
                self._check_content(tenant, each)
            for (owner, pack_id), pack in self._packs.items():
                if owner == tenant and pack.active_from is not None:
                    self._check_pack(tenant, pack_id, pack, permits)

    def _check_licence(self, tenant: str, used: Used) -> None:
        held: dict[str, Event | None] = {}
        for event in self._licences.get(tenant, ()):
            if event.logged.order < used.order:
                is_held = event.name == "licence-recorded"
                held[event.body["authority"]] = event if is_held else None
        if not held:
            return
        self._findings.checked["contact-without-licence"] += 1
        for state in sorted(used.states & LICENSED):
            licence = held.get(state)
            last = None if licence is None else day_or_none(licence.body.get("expires_on"))
            zone = places.zone(LATEST_ZONE)
            assert zone is not None
            if licence is None or (last is not None and places.local_date(zone, used.at) > last):
                self._name(tenant, used, "contact-without-licence", f"{state} asks for a licence.")

    def _check_content(self, tenant: str, used: Used) -> None:
        before = [
            each
            for each in self._checks.get((tenant, used.aim.content_digest), ())
            if each.logged.order < used.order
        ]
        if used.aim.channel == "social":
            self._findings.checked["social-message-unchecked"] += 1
            if not any(_is_as_social(each) for each in before):
                self._name(tenant, used, "social-message-unchecked", "Nobody had looked at it.")
        if not before:
            return
        self._findings.checked["content-found-unlawful"] += 1
        objected = _objections(before, used.aim.channel)
        if objected:
            self._name(tenant, used, "content-found-unlawful", f"{objected[0]} objected.")

    def _check_pack(
        self, tenant: str, pack_id: str, pack: Pack, permits: dict[tuple[str, str], Permit]
    ) -> None:
        used = self._used[tenant]
        for each in used:
            is_there = pack.document["jurisdiction"] in each.states
            if not is_there or not _is_enforced(pack, each.at):
                continue
            for rule in pack.document["rules"]:
                self._findings.checked["own-pack-broken"] += 1
                terms = rule["parameters"]
                if rule["rule"] == "permitted-hours":
                    is_broken = _is_outside(terms, each)
                elif rule["rule"] == "contact-frequency":
                    is_broken = _is_too_often(tenant, terms, each, used, permits)
                else:
                    continue
                if is_broken:
                    self._name(tenant, each, "own-pack-broken", f"{rule} of {pack_id} forbids it.")

    def _name(self, tenant: str, used: Used, code: str, sentence: str) -> None:
        self._findings.name(
            code,
            tenant,
            used.consumer_id,
            (used.event_id,),
            f"{sentence} A contact through {used.aim.channel} was redeemed at {used.at}.",
        )


def _is_as_social(check: Event) -> bool:
    return check.body["channel"] == "social" and bool(check.body.get("is_from_collector", False))


def _objections(checks: list[Event], channel: str) -> list[str]:
    """Return the rules whose objections nothing took back, as far as they bear on a channel."""
    cleared: set[tuple[str, str, str]] = set()
    standing: list[tuple[str, str]] = []
    for check in reversed(checks):
        body = check.body
        use = (body["channel"], body["document"], body.get("message_digest", ""))
        objected = [each["rule"] for each in body["findings"] if each["verdict"] != "flag"]
        if use not in cleared:
            standing += [(body["channel"], rule) for rule in objected]
        if body.get("is_from_collector", False):
            cleared.add(use)
    is_judged = channel in {each[0] for each in (*cleared, *standing)}
    elsewhere = CHANNELS - {channel} if is_judged else frozenset()
    return [rule for checked_as, rule in standing if checked_as not in elsewhere]


def _is_enforced(pack: Pack, at: datetime) -> bool:
    if pack.active_from is None or at < pack.active_from:
        return False
    return pack.withdrawn_from is None or at < pack.withdrawn_from


def _is_outside(terms: dict[str, Any], used: Used) -> bool:
    if used.aim.channel in ("letter", "portal"):
        return False  # neither has an hour
    last = used.at + used.aim.slack - _TICK
    return any(
        not terms["opens_minute"] < places.local_minute(where, each) < terms["closes_minute"]
        for where in places.known_zones(used.zones)
        for each in (used.at, last)
    )


def _is_too_often(
    tenant: str,
    terms: dict[str, Any],
    used: Used,
    others: list[Used],
    permits: dict[tuple[str, str], Permit],
) -> bool:
    if used.aim.channel not in terms["channels"] or used.is_professional or used.is_answer:
        return False
    before = [
        each
        for each in others
        if each.order < used.order
        and each.consumer_id == used.consumer_id
        and each.aim.party_id == used.aim.party_id
        and each.aim.channel in terms["channels"]
        and each.aim.contact_point_id not in used.wrong_points
        and _went_out(permits.get((tenant, each.permit_id)))
    ]
    most = 0
    for where in places.calendar_zones(used.zones):
        first = places.local_date(where, used.at) - timedelta(days=terms["days"] - 1)
        most = max(most, sum(places.local_date(where, each.at) >= first for each in before))
    return bool(most >= terms["contacts_max"])


def _went_out(permit: Permit | None) -> bool:
    return permit is None or permit.outcome is None or went_out(permit.outcome)
