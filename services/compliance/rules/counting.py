"""Counting calls and conversations toward a particular person and a particular debt.

Windows are whole local dates, not hours. Where several zones are plausible, an attempt counts
as long as it would in any of them. Everything is recounted from kept attempts, so what is learned
late (a wrong number, a debt raised) changes the counts.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.compliance.rules import facts, local_time, slots
from services.compliance.rules.gate import OUTSIDE_FREQUENCY, Gate
from services.compliance.rules.outcomes import OUTCOMES
from services.compliance.rules.pack import Terms
from services.compliance.rules.request import TELEPHONE, dispatch_bound
from services.compliance.rules.slots import Slot
from shared.kernel.records import record


@record
class Conversation:
    """A conversation had, or possibly had: `is_certain` is false while no outcome says."""

    source_id: str
    account_ids: tuple[str, ...]
    started_at: datetime
    ended_at: datetime
    is_certain: bool


def accounts_called(slot: Slot) -> tuple[str, ...]:
    """Return the accounts a call counts toward: those raised, else those it was made for."""
    return slot.raised or slot.request.account_ids


def accounts_discussed(slot: Slot, *, with_raised: bool = False) -> tuple[str, ...]:
    """Return the accounts a conversation counts toward: each discussed, else at least one.

    With `with_raised` each that the collector brought up, too, though the person did not want to
    talk of it (comment 14(b)(4)-2.vi).
    """
    if with_raised and slot.discussed:
        return tuple(dict.fromkeys((*slot.raised, *slot.discussed)))
    return slot.discussed or accounts_called(slot)


def is_raised_counted(terms: Terms) -> bool:
    """Tell whether a debt that the collector brought up was talked of, by the terms of a rule."""
    return "raised" in terms.names.get("talked_of", ())


@lru_cache(maxsize=local_time.ASKED_KEPT_MAX)
def window_start(zones: tuple[ZoneInfo, ...], at: datetime, days: int) -> datetime:
    """Return the first instant of the `days` local dates that end with that of `at`."""
    return min(
        local_time.first_instant(each, local_time.local_date(each, at) - timedelta(days=days - 1))
        for each in zones
    )


def leaves_at(zones: Iterable[ZoneInfo], at: datetime, days: int) -> datetime:
    """Return when something of `at` lies outside the last `days` local dates in every zone."""
    return max(
        local_time.first_instant(each, local_time.local_date(each, at) + timedelta(days=days))
        for each in zones
    )


def calls(gate: Gate, party_id: str, at: datetime) -> list[Slot]:
    """Return the calls to one person that count, over all debts and all times kept."""
    return gate.once(("calls", party_id, at), lambda: _calls(gate, party_id, at))


def _calls(gate: Gate, party_id: str, at: datetime) -> list[Slot]:
    return [
        slot
        for slot in gate.slots
        if slot.request.party_id == party_id
        and slots.is_counted_call(slot, at)
        and slot.request.contact_point_id not in gate.wrong_points
    ]


def calls_toward(
    gate: Gate,
    party_id: str,
    debt: str,
    at: datetime,
    consent_days: int,
    *,
    with_raised: bool = False,
) -> list[Slot]:
    """Return the calls to one person about one debt that count, those under consent left out."""
    found = [
        slot
        for slot in calls(gate, party_id, at)
        if any(gate.debt_of(each) == debt for each in accounts_called(slot))
    ]
    if not gate.of(facts.ExtraCallsConsent):
        return found
    return [
        slot
        for slot in found
        if not _is_under_consent(gate, party_id, debt, slot, consent_days, with_raised=with_raised)
    ]


def conversations(
    gate: Gate, party_id: str, debt: str, *, with_raised: bool = False
) -> list[Conversation]:
    """Return the conversations with one person about one debt, whoever called."""
    return gate.once(
        ("conversations", party_id, debt, with_raised),
        lambda: _conversations(gate, party_id, debt, with_raised=with_raised),
    )


def _conversations(
    gate: Gate, party_id: str, debt: str, *, with_raised: bool
) -> list[Conversation]:
    found = []
    for slot in gate.slots:
        if slot.request.party_id != party_id:
            continue
        if slot.request.contact_point_id in gate.wrong_points:
            continue
        ended_at = slots.conversation_end(slot)
        if ended_at is None:
            continue
        accounts = accounts_discussed(slot, with_raised=with_raised)
        if any(gate.debt_of(each) == debt for each in accounts):
            found.append(_conversation(slot, ended_at, accounts))
    for key, call in gate.of(facts.InboundCall):
        if not call.is_conversation or (call.party_id or gate.request.consumer_id) != party_id:
            continue
        about = call.account_ids or tuple(gate.accounts)
        if not call.account_ids or any(gate.debt_of(each) == debt for each in about):
            found.append(
                Conversation(
                    source_id=key,
                    account_ids=about,
                    started_at=call.started_at,
                    ended_at=call.ended_at,
                    is_certain=True,
                )
            )
    return found


def consent_spans(
    gate: Gate,
    party_id: str,
    debt: str,
    consent_days: int,
    *,
    besides: str | None = None,
    with_raised: bool = False,
) -> list[tuple[datetime, datetime]]:
    """Return when consent to extra calls holds, half-open (1006.14(b)(3)(i)).

    It ends on the first of: the consented end, `consent_days` counting that of receipt, withdrawal,
    a later conversation about the debt (`besides` names an attempt whose own does not count).
    """
    spans = []
    zones = gate.counting_zones
    for _, consent in gate.of(facts.ExtraCallsConsent):
        if (consent.party_id or gate.request.consumer_id) != party_id:
            continue
        if consent.account_ids and debt not in map(gate.debt_of, consent.account_ids):
            continue
        starts, ends = consent.received_at, consent_end(consent, zones, consent_days)
        if consent.first_date is not None:
            starts = max(
                starts, *(local_time.first_instant(each, consent.first_date) for each in zones)
            )
        for talk in conversations(gate, party_id, debt, with_raised=with_raised):
            if talk.source_id != besides and talk.started_at > consent.received_at:
                ends = min(ends, talk.started_at)
        if starts < ends:
            spans.append((starts, ends))
    return spans


def consent_end(
    consent: facts.ExtraCallsConsent, zones: Iterable[ZoneInfo], consent_days: int
) -> datetime:
    """Return when a consent ends if no conversation ends it sooner."""
    ends = min(
        local_time.first_instant(
            each, local_time.local_date(each, consent.received_at) + timedelta(days=consent_days)
        )
        for each in zones
    )
    if consent.last_date is not None:
        after = consent.last_date + timedelta(days=1)
        ends = min(ends, *(local_time.first_instant(each, after) for each in zones))
    return ends if consent.withdrawn_at is None else min(ends, consent.withdrawn_at)


def is_lifted(spans: Iterable[tuple[datetime, datetime]], at: datetime, bound: timedelta) -> bool:
    """Tell whether consent holds from `at` for the whole of `bound`."""
    return any(starts <= at and at + bound <= ends for starts, ends in spans)


def next_lift(
    spans: Iterable[tuple[datetime, datetime]], at: datetime, bound: timedelta
) -> datetime | None:
    """Return when consent next begins to hold for the whole of `bound`, after `at`."""
    coming = (local_time.whole_second(starts) for starts, ends in spans if starts > at)
    return min(
        (starts for starts in coming if is_lifted(spans, starts, bound)),
        default=None,
    )


def _is_under_consent(
    gate: Gate, party_id: str, debt: str, slot: Slot, consent_days: int, *, with_raised: bool
) -> bool:
    spans = consent_spans(
        gate, party_id, debt, consent_days, besides=slot.permit_id, with_raised=with_raised
    )
    first, last = slots.earliest_instant(slot), slots.latest_instant(slot)
    return any(starts <= first and last < ends for starts, ends in spans)


def _conversation(slot: Slot, ended_at: datetime, accounts: tuple[str, ...]) -> Conversation:
    return Conversation(
        source_id=slot.permit_id,
        account_ids=accounts,
        started_at=slots.earliest_instant(slot),
        ended_at=ended_at,
        is_certain=slot.outcome is not None and OUTCOMES[slot.outcome].conversation == "yes",
    )


def within(
    zones: tuple[ZoneInfo, ...], found: Iterable[Slot], at: datetime, days: int
) -> list[Slot]:
    """Return the attempts that lie within the `days` local dates that end with `at`."""
    start = window_start(zones, at, days)
    return [slot for slot in found if slots.latest_instant(slot) >= start]


def has_room_at(
    zones: Iterable[ZoneInfo], counted: Sequence[Slot], at: datetime, days: int, most: int
) -> datetime | None:
    """Return when so many have left the window that one more may come; None when it may now."""
    excess = len(counted) - (most - 1)
    if excess <= 0:
        return None
    leaving = sorted(_leaves_at(zones, slot, at, days) for slot in counted)
    return local_time.whole_second(leaving[excess - 1])


def _leaves_at(zones: Iterable[ZoneInfo], slot: Slot, at: datetime, days: int) -> datetime:
    leaves = leaves_at(zones, slots.latest_instant(slot), days)
    return min(leaves, slot.expires_at) if slots.is_open(slot, at) else leaves


def is_telephone(gate: Gate) -> bool:
    """Tell whether the request is a call whose frequency the law limits."""
    return gate.request.channel in TELEPHONE and gate.role not in OUTSIDE_FREQUENCY


def bound(gate: Gate) -> timedelta:
    """Return the slack of the requested dispatch."""
    return dispatch_bound(gate.request.channel)
