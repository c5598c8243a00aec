"""Patterns in the calls and messages to one person: how many on a date, how close together."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from services.compliance.rules import counting, local_time, slots
from services.compliance.rules.gate import Gate
from services.compliance.rules.slots import Slot


def calls_to_point(gate: Gate, at: datetime) -> list[Slot]:
    """Return the calls to the requested number that reached nobody to speak with."""
    return gate.once(("calls-to-point", at), lambda: _calls_to_point(gate, at))


def _calls_to_point(gate: Gate, at: datetime) -> list[Slot]:
    return [
        slot
        for slot in counting.calls(gate, gate.request.party_id, at)
        if slot.request.contact_point_id == gate.request.contact_point_id
        and slots.conversation_end(slot) is None
    ]


def messages(gate: Gate, at: datetime, channels: Iterable[str]) -> list[Slot]:
    """Return the messages to the requested person through those channels, replies left out."""
    wanted = frozenset(channels)
    return [
        slot
        for slot in gate.slots
        if slot.request.channel in wanted
        and slot.request.party_id == gate.request.party_id
        and slot.request.act == "contact"
        and slots.is_taken(slot, at)
        and slot.request.contact_point_id not in gate.wrong_points
    ]


def is_within(found: Iterable[Slot], at: datetime, span: timedelta) -> bool:
    """Tell whether one of them can have begun within a span before the instant."""
    return any(at - slots.latest_instant(slot) <= span for slot in found)


def most_on_date(gate: Gate, found: Iterable[Slot], at: datetime) -> int:
    """Count those of the present local date, by the calendar in which they are most."""
    instants = [slots.latest_instant(slot) for slot in found]
    most = 0
    for where in gate.counting_zones:
        today = local_time.local_date(where, at)
        begins = local_time.first_instant(where, today)
        ends = local_time.first_instant(where, today + timedelta(days=1))
        most = max(most, sum(begins <= each < ends for each in instants))
    return most


def days_running(gate: Gate, found: Iterable[Slot], at: datetime, least: int) -> int:
    """Count the dates up to the present one, without a gap, that have so many with this one."""
    counted = list(found)
    longest = 0
    for where in gate.counting_zones:
        by_date = Counter(
            local_time.local_date(where, slots.latest_instant(slot)) for slot in counted
        )
        today = local_time.local_date(where, at)
        by_date[today] += 1
        longest = max(longest, _running(by_date, today, least))
    return longest


def _running(by_date: Counter[date], last: date, least: int) -> int:
    days = 0
    while by_date[last - timedelta(days=days)] >= least:
        days += 1
    return days
