"""What really went out, held against the promises: hours, numbers, stops, permits.

The lists of the telephone network and the mail server are the truth; the rules' own code is not
asked. Windows are counted in every zone in which the person may be.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shared.kernel.records import record
from tests.simulation.channels import Contact
from tests.simulation.history import Stop
from tests.simulation.logs import Log, Logged
from tests.simulation.simulation import Simulation

CALLS_MAX = 7
NOT_ATTEMPTED = "not_attempted_permit_released"
DAYS = 7
OPENS, CLOSES = time(8), time(21)
BOUNDS = {"call": timedelta(seconds=60), "email": timedelta(seconds=10)}


@record
class Made:
    """A contact with what was intended by it."""

    contact: Contact
    aim: Any
    digest: str
    zones: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.contact.channel} {self.contact.attempt_id} at {self.contact.at}"


def check_contacts(simulation: Simulation, contact: Log, compliance: Log) -> Iterator[str]:
    """Name every contact that should not have been made."""
    aims = {each.body.attempt_id: each.body for each in contact.of("attempt-permitted")}
    made = []
    for each in sorted(simulation.world.contacts, key=lambda one: one.at):
        if each.attempt_id in aims:
            made.append(_made(simulation, each, aims[each.attempt_id]))
        else:
            yield f"{each.attempt_id} was contacted without ever having been permitted"
    redeemed = {each.body.permit_id: each for each in compliance.of("permit-redeemed")}
    elsewhere = _other_hours(compliance)
    yield from _dispatched_once(made)
    yield from _denied(made, contact)
    for one in made:
        yield from _has_permit(one, redeemed)
        if not any(at <= one.contact.at for at in elsewhere.get(one.aim.consumer_ids[0], ())):
            yield from _in_hours(one)
    yield from _frequency(made)
    yield from _after_conversations(made)
    yield from _after_inbound_talks(simulation, made, redeemed)
    for stop in simulation.history.stops:
        yield from _after_stop(stop, made)
        yield from _redeemed_after_stop(stop, redeemed.values(), simulation)


def _made(simulation: Simulation, contact: Contact, aim: Any) -> Made:
    points = simulation.directory.points()
    zones = {
        zone
        for point in points.values()
        if point.consumer_id == aim.consumer_ids[0]
        for zone in point.zones
    }
    return Made(
        contact=contact,
        aim=aim,
        digest=points[contact.contact_point_id].digest,
        zones=tuple(sorted(zones)),
    )


def _dispatched_once(made: list[Made]) -> Iterator[str]:
    for attempt_id, count in Counter(one.contact.attempt_id for one in made).items():
        if count > 1:
            yield f"{attempt_id} was dispatched {count} times"


def _denied(made: list[Made], contact: Log) -> Iterator[str]:
    """Name what went out and was put on record as never attempted."""
    outcomes = {each.body.attempt_id: each.body.outcome for each in contact.of("attempt-concluded")}
    for one in made:
        if outcomes.get(one.contact.attempt_id) == NOT_ATTEMPTED:
            yield f"{one} is on record as not attempted"


def _has_permit(one: Made, redeemed: dict[str, Logged]) -> Iterator[str]:
    permit = redeemed.get(one.aim.permit_id)
    if permit is None:
        yield f"{one} went out without a redeemed permit"
        return
    request = permit.body.request
    bound = ("account_ids", "party_id", "channel", "contact_point_id", "purpose", "content_digest")
    differs = [name for name in bound if getattr(request, name) != getattr(one.aim, name)]
    if differs or request.contact_point_id != one.contact.contact_point_id:
        yield f"{one} is not what its permit was for: {differs}"
    if not permit.at <= one.contact.at < permit.at + BOUNDS[one.contact.channel]:
        yield f"{one} did not begin within the bound of its redeem at {permit.at}"


def _other_hours(compliance: Log) -> dict[str, list[datetime]]:
    """Return since when other hours may hold for a consumer: lifted, or of where they really are.

    Which they are then, and for how long, is for the oracle to ask.
    """
    found: dict[str, list[datetime]] = {}
    for each in compliance.of("fact-recorded"):
        fact = each.body.fact
        if "time" in getattr(fact, "lifts", ()) or getattr(fact, "is_actual", False):
            found.setdefault(each.body.consumer_ids[0], []).append(each.at)
    return found


def _in_hours(one: Made) -> Iterator[str]:
    for zone in one.zones:
        local = one.contact.at.astimezone(ZoneInfo(zone)).time()
        if not OPENS < local < CLOSES:
            yield f"{one} was made at {local} in {zone}"


def _frequency(made: list[Made]) -> Iterator[str]:
    calls = [one for one in made if one.contact.channel == "call" and one.contact.counts]
    for last in calls:
        for zone in last.zones:
            until = _day(last.contact.at, zone)
            within = [
                one
                for one in calls
                if _is_same_debt(one, last)
                and 0 <= (until - _day(one.contact.at, zone)).days < DAYS
            ]
            if len(within) > CALLS_MAX:
                yield f"{last} is one of {len(within)} in seven days of {zone}"


def _after_conversations(made: list[Made]) -> Iterator[str]:
    for talk in made:
        ended_at = talk.contact.ended_at
        if ended_at is None:
            continue
        for one in made:
            if one.contact.channel != "call" or not _is_same_debt(one, talk):
                continue
            for zone in one.zones:
                days = (_day(one.contact.at, zone) - _day(ended_at, zone)).days
                if one.contact.at > talk.contact.at and days < DAYS:
                    yield f"{one} was made {days} days after the conversation {talk} in {zone}"


def _after_inbound_talks(
    simulation: Simulation, made: list[Made], redeemed: dict[str, Logged]
) -> Iterator[str]:
    for talk in simulation.history.talks:
        for one in made:
            permit = redeemed.get(one.aim.permit_id)
            if permit is None or permit.at <= talk.known_by or one.contact.channel != "call":
                continue
            if one.aim.consumer_ids[0] != talk.consumer_id:
                continue
            for zone in one.zones:
                if (_day(one.contact.at, zone) - _day(talk.ended_at, zone)).days < DAYS:
                    yield f"{one} was made in {zone} too soon after {talk}"


def _is_same_debt(one: Made, other: Made) -> bool:
    is_same_person = one.aim.consumer_ids[0] == other.aim.consumer_ids[0]
    return is_same_person and bool(set(one.aim.account_ids) & set(other.aim.account_ids))


def _day(at: datetime, zone: str) -> Any:
    return at.astimezone(ZoneInfo(zone)).date()


def _after_stop(stop: Stop, made: list[Made]) -> Iterator[str]:
    binds_from = stop.effective_at or stop.effective_by
    if binds_from is None:
        return
    for one in made:
        # What was redeemed before may still begin within its bound.
        from_then_on = binds_from + BOUNDS[one.contact.channel]
        is_after = one.contact.at >= from_then_on
        if (
            is_after
            and _is_before_release(stop, one.contact.at)
            and _stops(stop, one.aim, one.digest)
        ):
            yield f"{one} was made after {stop}"


def _redeemed_after_stop(stop: Stop, redeemed: Any, simulation: Simulation) -> Iterator[str]:
    points = simulation.directory.points()
    for each in redeemed:
        request = each.body.request
        if request.contact_point_id not in points:
            continue  # known from the agency's files: the oracle judges it
        digest = points[request.contact_point_id].digest
        # `201`: in the order of commits. `202`: by the clock that decisions are made with.
        is_after = (
            each.recorded_at > stop.effective_at
            if stop.effective_at
            else stop.effective_by is not None and each.at > stop.effective_by
        )
        aim = each.body
        aim.account_ids, aim.channel = request.account_ids, request.channel
        if is_after and _is_before_release(stop, each.at) and _stops(stop, aim, digest):
            yield f"{each.body.permit_id} was redeemed at {each.at} after {stop}"


def _is_before_release(stop: Stop, at: datetime) -> bool:
    return stop.released_at is None or at < stop.released_at


def _stops(stop: Stop, aim: Any, digest: str) -> bool:
    if stop.digest is not None:
        return stop.digest == digest
    if stop.consumer_id != aim.consumer_ids[0]:
        return False
    if stop.medium is not None:
        medium = "call" if aim.channel == "voicemail" else aim.channel
        return bool(stop.medium == medium)
    return not stop.account_ids or not set(stop.account_ids).isdisjoint(aim.account_ids)
