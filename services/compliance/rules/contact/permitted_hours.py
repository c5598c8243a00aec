"""No contact outside the assumed convenient hours anywhere the person may be.

The hours are an open interval (08:00 < t < 21:00): the regulation's and the statute's wordings
differ at the edges and this satisfies both. The whole dispatch must fit, so a call may last be
redeemed a minute before the end. They are assumed in the absence of knowledge to the contrary, so
they yield to times at which the person has said to be reached.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from services.compliance.rules import counting, exceptions, local_time
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.local_time import Bar
from services.compliance.rules.pack import Terms
from services.compliance.rules.weekly import assumed_hours


def permitted_hours(terms: Terms, gate: Gate, at: datetime) -> Objection | None:
    """Object outside the hours of any plausible zone (12 CFR 1006.6(b)(1)(i)), or a state's own."""
    barred = bars(terms, gate, at)
    if not barred:
        return None
    earliest = local_time.first_clear(barred, at, counting.bound(gate))
    if earliest == at or is_lifted(terms, gate, at):
        return None
    numbers = terms.numbers
    return terms.objection(
        "deny" if earliest is None else "defer",
        f"It is not between {clock(numbers['opens_minute'])} and"
        f" {clock(numbers['closes_minute'])} everywhere the person may be.",
        {each.key: f"{local_time.wall_time(each, at):%Y-%m-%dT%H:%M:%S}" for each in gate.zones},
        earliest,
    )


def bars(terms: Terms, gate: Gate, at: datetime) -> list[tuple[ZoneInfo, Bar]]:
    """Return the assumed inconvenient hours of each zone, where the channel has any, but for the
    times that are known to be convenient as far as consent lifts this law's hours.
    """
    if gate.request.channel not in terms.names.get("channels", (gate.request.channel,)):
        return []
    bar = assumed_hours(terms.numbers["opens_minute"], terms.numbers["closes_minute"])
    consents = exceptions.consents_in_force(gate, at)
    windows = exceptions.convenient_times(consents, terms.names.get("lifted_by", ()))
    return [(each, exceptions.yielding(each, bar, windows)) for each in gate.zones]


def is_lifted(terms: Terms, gate: Gate, at: datetime) -> bool:
    """Tell whether this law yields to the person's consent or a court's permission, and has one."""
    sources = terms.names.get("lifted_by", ())
    return any(
        consent.source in sources and "time" in consent.lifts and not consent.windows
        for consent in exceptions.consents_in_force(gate, at)
    )


def clock(minute: int) -> str:
    """Return a minute of the day as a clock shows it."""
    return f"{minute // 60:02d}:{minute % 60:02d}"
