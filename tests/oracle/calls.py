"""Seven calls in seven days, and seven days after a conversation (12 CFR 1006.14(b)(2)).

Days are dates of the person's own calendar: every seven dates in a row, in each zone where the
person may be. The date on which a conversation ended is the first of its seven.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.oracle import places
from tests.oracle.gate import PROFESSIONALS, Attempt, Fact, Gate, Scene
from tests.oracle.log import day_or_none, instant, instant_or_none
from tests.oracle.outcomes import (
    CONVERSATIONS,
    PERHAPS_CONVERSATIONS,
    TELEPHONE,
    counts_as_call,
    went_out,
)
from tests.oracle.report import Findings

CALLS_MAX = 7
DAYS = 7
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation; `is_certain` is false where nobody has said whether there was one."""

    source_id: str
    event_id: str
    began: datetime
    ended: datetime
    is_certain: bool


def check_number(scene: Scene, findings: Findings) -> None:
    """Name the eighth call to a person about a debt; a grant is one if unused permits are calls."""
    if not scene.is_call:
        return
    gate, at = scene.gate, scene.at
    is_grant = scene.event.name == "permit-granted"
    zones = places.calendar_zones(gate.zone_names(scene.aim.party_id))
    for debt in sorted({gate.debt(each) for each in scene.aim.account_ids}):
        findings.checked["eighth-call"] += 1
        if consented(scene, debt) or is_reviewed(scene):
            continue
        calls = [
            each
            for each in calls_about(gate, scene.aim.party_id, debt, at, with_open=is_grant)
            if each.permit_id != scene.permit_id
        ]
        most = 0
        for where in zones:
            first = places.local_date(where, at) - timedelta(days=DAYS - 1)
            found = [each for each in calls if places.local_date(where, each.latest) >= first]
            most = max(most, len(found))
        if most >= CALLS_MAX:
            findings.name(
                "eighth-call",
                gate.tenant,
                gate.consumer_id,
                (scene.event.id, *(each.event_id for each in calls)),
                f"{'Leave for a' if is_grant else 'A'} call at {at} to {scene.aim.party_id} about"
                f" {debt} when {most} calls fall within seven dates.",
            )


def check_conversations(scene: Scene, findings: Findings) -> None:
    """Name a call within seven dates of a conversation, or of what may have been one."""
    if not scene.is_call:
        return
    gate, at = scene.gate, scene.at
    zones = places.calendar_zones(gate.zone_names(scene.aim.party_id))
    for debt in sorted({gate.debt(each) for each in scene.aim.account_ids}):
        findings.checked["call-soon-after-conversation"] += 1
        for talk in talks_about(gate, scene.aim.party_id, debt, at):
            if talk.source_id == scene.permit_id:
                continue
            if not any(
                places.local_date(where, at)
                < places.local_date(where, talk.ended) + timedelta(days=DAYS)
                for where in zones
            ):
                continue
            if consented(scene, debt) or is_reviewed(scene):
                continue
            code = "call-soon-after-conversation" if talk.is_certain else "call-after-unknown-call"
            findings.name(
                code,
                gate.tenant,
                gate.consumer_id,
                (scene.event.id, talk.event_id),
                f"A call at {at} to {scene.aim.party_id} about {debt}, within seven dates of"
                f" {'a conversation' if talk.is_certain else 'a call nobody reported on'} that"
                f" ended {talk.ended}.",
            )


def calls_about(
    gate: Gate, party_id: str, debt: str, at: datetime, *, with_open: bool
) -> Iterator[Attempt]:
    """Yield the calls that count toward a person and a debt, those under consent left out."""
    for attempt in gate.recent(at):
        if attempt.aim.party_id != party_id or not is_counted(attempt, at, with_open=with_open):
            continue
        if gate.is_wrong(attempt.aim.contact_point_id):
            continue
        about = attempt.raised or attempt.aim.account_ids
        if debt not in {gate.debt(each) for each in about}:
            continue
        if not _was_consented(gate, party_id, debt, attempt):
            yield attempt


def is_counted(attempt: Attempt, at: datetime, *, with_open: bool) -> bool:
    """Tell whether an attempt is a call that was placed, or for all we know may have been."""
    if attempt.aim.channel not in TELEPHONE:
        return False
    if attempt.outcome is not None:
        return counts_as_call(attempt.outcome)
    return attempt.redeemed_at is not None or (with_open and attempt.is_open(at))


def talks_about(gate: Gate, party_id: str, debt: str, at: datetime) -> Iterator[Talk]:
    """Yield the conversations with a person about a debt, whoever called."""
    for attempt in gate.recent(at):
        if attempt.aim.party_id != party_id or attempt.aim.channel != "call":
            continue
        talk = _talk(attempt)
        if talk is None or gate.is_wrong(attempt.aim.contact_point_id):
            continue
        # What we brought up counts, though the person would not talk of it (comment 14(b)(4)-2.vi).
        about = (*attempt.raised, *attempt.discussed) or attempt.aim.account_ids
        if debt in {gate.debt(each) for each in about}:
            yield talk
    for fact in gate.of("inbound-call"):
        if not fact.body["is_conversation"] or not gate.is_of(fact, party_id):
            continue
        about = tuple(fact.body.get("account_ids", ()))
        if not about or debt in {gate.debt(each) for each in about}:
            yield Talk(
                source_id=fact.key,
                event_id=fact.event_id,
                began=instant(fact.body["started_at"]),
                ended=instant(fact.body["ended_at"]),
                is_certain=True,
            )


def consented(scene: Scene, debt: str) -> bool:
    """Tell whether the person agreed to calls beyond the numbers, for all of the slack."""
    last = scene.at + scene.aim.slack - _TICK
    return any(
        _holds(scene.gate, fact, scene.aim.party_id, debt, None, (scene.at, last))
        for fact in scene.gate.of("extra-calls-consent")
    )


def is_reviewed(scene: Scene) -> bool:
    """Tell whether somebody approved one call for this purpose, and none has been made on it."""
    aim = scene.aim
    for fact in scene.gate.of("call-review"):
        body = fact.body
        reviewed_at = instant(body["reviewed_at"])
        if (
            body["decision"] == "approved"
            and body["factor"] == aim.purpose
            and scene.gate.is_of(fact, aim.party_id)
            and set(aim.account_ids) <= set(body["account_ids"])
            and reviewed_at <= scene.at < instant(body["expires_at"])
            and not any(
                each.permit_id != scene.permit_id
                and each.aim.purpose == aim.purpose
                and each.aim.party_id == aim.party_id
                and each.redeemed_at is not None
                and (each.outcome is None or went_out(each.outcome))
                and each.latest >= reviewed_at
                for each in scene.gate.attempts.values()
            )
        ):
            return True
    return False


def _was_consented(gate: Gate, party_id: str, debt: str, attempt: Attempt) -> bool:
    span = (attempt.earliest, attempt.latest)
    return any(
        _holds(gate, fact, party_id, debt, attempt.permit_id, span)
        for fact in gate.of("extra-calls-consent")
    )


def _holds(
    gate: Gate,
    consent: Fact,
    party_id: str,
    debt: str,
    besides: str | None,
    span: tuple[datetime, datetime],
) -> bool:
    """Tell whether a consent holds at both ends of a span (14(b)(3)(i)).

    It begins with its receipt and lasts seven dates at most, that of the receipt included; less if
    dates were named, if it is withdrawn, or once a conversation about the debt begins.
    """
    body = consent.body
    about = {gate.debt(each) for each in body.get("account_ids", ())}
    if not gate.is_of(consent, party_id) or (about and debt not in about):
        return False
    received = instant(body["received_at"])
    withdrawn = instant_or_none(body.get("withdrawn_at"))
    first, last = day_or_none(body.get("first_date")), day_or_none(body.get("last_date"))
    for moment in span:
        if moment < received or (withdrawn is not None and moment >= withdrawn):
            return False
        for where in places.calendar_zones(gate.zone_names(party_id)):
            day = places.local_date(where, moment)
            if day > places.local_date(where, received) + timedelta(days=DAYS - 1):
                return False
            if (first is not None and day < first) or (last is not None and day > last):
                return False
    return not any(
        talk.source_id != besides and received < talk.began <= span[1]
        for talk in talks_about(gate, party_id, debt, span[1])
    )


def _talk(attempt: Attempt) -> Talk | None:
    event_id = attempt.redeemed_event_id or attempt.event_id
    if attempt.outcome is None:
        if attempt.redeemed_at is None:
            return None
        return Talk(attempt.permit_id, event_id, attempt.earliest, attempt.latest, False)
    if attempt.outcome not in CONVERSATIONS and attempt.outcome not in PERHAPS_CONVERSATIONS:
        return None
    ended = attempt.ended_at or attempt.latest
    is_certain = attempt.outcome in CONVERSATIONS
    return Talk(attempt.permit_id, event_id, attempt.earliest, ended, is_certain)


class CallsByPerson:
    """Counts the calls to one person over all gates: a co-debtor may be called through several."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._calls: dict[tuple[str, str, str], list[tuple[datetime, str, str]]] = {}
        self._zones: dict[tuple[str, str], set[str]] = {}

    def add(self, gate: Gate) -> None:
        """Remember the calls of a gate, as they turned out to be."""
        for attempt in gate.attempts.values():
            aim = attempt.aim
            if gate.role(aim.party_id) in PROFESSIONALS:
                continue
            if not is_counted(attempt, attempt.latest, with_open=False):
                continue
            if gate.is_wrong(aim.contact_point_id):
                continue
            names = self._zones.setdefault((gate.tenant, aim.party_id), set())
            names |= gate.zone_names(aim.party_id)
            for debt in {gate.debt(each) for each in attempt.raised or aim.account_ids}:
                if _was_consented(gate, aim.party_id, debt, attempt):
                    continue
                known = self._calls.setdefault((gate.tenant, aim.party_id, debt), [])
                event_id = attempt.redeemed_event_id or attempt.event_id
                known.append((attempt.earliest, gate.consumer_id, event_id))

    def finish(self) -> None:
        """Name the eighth call in seven dates to whoever was called through several gates."""
        for (tenant, party_id, debt), calls in self._calls.items():
            if len({gate for _, gate, _ in calls}) < 2:
                continue
            self._findings.checked["eighth-call-over-gates"] += 1
            calls.sort()
            for where in places.calendar_zones(self._zones[tenant, party_id]):
                for number in range(CALLS_MAX, len(calls)):
                    day = places.local_date(where, calls[number][0])
                    first = places.local_date(where, calls[number - CALLS_MAX][0])
                    if first > day - timedelta(days=DAYS):
                        self._findings.name(
                            "eighth-call-over-gates",
                            tenant,
                            party_id,
                            (calls[number][2],),
                            f"The eighth call within seven dates, on {day}, about {debt}, to a"
                            f" person called through the gates of several consumers.",
                        )
