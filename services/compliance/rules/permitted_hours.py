"""No contact outside the assumed convenient hours anywhere the person may be.

The hours are an open interval (08:00 < t < 21:00): the regulation's and the statute's wordings
differ at the edges and this satisfies both. The whole dispatch must fit, so a call may last be
redeemed a minute before the end.
"""

from datetime import datetime

from services.compliance.rules import counting, local_time
from services.compliance.rules.findings import Objection
from services.compliance.rules.gate import Gate
from services.compliance.rules.request import ContactRequest
from services.compliance.rules.weekly import AssumedHours


def permitted_hours(request: ContactRequest, gate: Gate, at: datetime) -> Objection | None:
    """Object outside the hours of any plausible zone (12 CFR 1006.6(b)(1)(i))."""
    if not gate.zones:
        return None
    bar = hours(gate)
    earliest = local_time.first_clear(
        [(each, bar) for each in gate.zones], at, counting.bound(gate)
    )
    if earliest == at:
        return None
    return gate.objection(
        "permitted-hours",
        "deny" if earliest is None else "defer",
        "It is not between 8 in the morning and 9 in the evening everywhere the person may be.",
        {each.key: f"{local_time.wall_time(each, at):%Y-%m-%dT%H:%M:%S}" for each in gate.zones},
        earliest,
    )


def hours(gate: Gate) -> AssumedHours:
    """Return the assumed inconvenient hours of a day."""
    numbers = gate.terms("permitted-hours").numbers
    return AssumedHours(numbers["opens_minute"], numbers["closes_minute"])
