"""The gate of one consumer: may this person be contacted, this way, now?

One stream per consumer, because the stream is the unit of consistency: requests that race for the
last call meet at its version, and limits over several debts meet here too.
"""

from services.compliance.permits.domain.commands import (
    ClearAct,
    Command,
    RecordFact,
    RedeemPermit,
    ReleaseFact,
    ReleasePermit,
    ReportOutcome,
    ReportUnpermittedAttempt,
    RequestPermit,
)
from services.compliance.permits.domain.decide import decide
from services.compliance.permits.domain.deciding import PERMIT_TTL
from services.compliance.permits.domain.events import (
    ActCleared,
    ActRefused,
    Event,
    FactRecorded,
    FactReleased,
    FirstFactRecorded,
    OutcomeReported,
    PermitGranted,
    PermitRedeemed,
    PermitRefused,
    PermitReleased,
    PermitRevoked,
    RedemptionRefused,
    UnpermittedAttemptReported,
)
from services.compliance.permits.domain.refusals import OutcomeUnknown, PermitUnknown, PermitUsed
from services.compliance.permits.domain.state import GateState, KeptFact, evolve
from services.compliance.points import domain as points
from services.compliance.rules.facts import ContactPointKnown
from shared.kernel.decider import Claim, Decider


def claims(event: Event) -> tuple[Claim, ...]:
    """Let a contact point's id lead to its address's stream, which every permit for it guards."""
    if isinstance(event, FactRecorded) and isinstance(event.fact, ContactPointKnown):
        return (points.claim(event.fact.contact_point_id, event.fact.digest),)
    return ()


GATES: Decider[Command, GateState, Event] = Decider(
    initial=GateState(),
    evolve=evolve,
    decide=decide,
    events=(
        FirstFactRecorded,
        FactRecorded,
        FactReleased,
        PermitGranted,
        PermitRefused,
        PermitRedeemed,
        RedemptionRefused,
        OutcomeReported,
        PermitReleased,
        PermitRevoked,
        UnpermittedAttemptReported,
        ActCleared,
        ActRefused,
    ),
    state=GateState,
    claims=claims,
)


def stream(consumer_id: str) -> str:
    """Name the stream of a consumer's gate."""
    return f"gate-{consumer_id}"


__all__ = [
    "GATES",
    "PERMIT_TTL",
    "ActCleared",
    "ActRefused",
    "ClearAct",
    "Command",
    "Event",
    "FactRecorded",
    "FactReleased",
    "FirstFactRecorded",
    "GateState",
    "KeptFact",
    "OutcomeReported",
    "OutcomeUnknown",
    "PermitGranted",
    "PermitRedeemed",
    "PermitRefused",
    "PermitReleased",
    "PermitRevoked",
    "PermitUnknown",
    "PermitUsed",
    "RecordFact",
    "RedeemPermit",
    "RedemptionRefused",
    "ReleaseFact",
    "ReleasePermit",
    "ReportOutcome",
    "ReportUnpermittedAttempt",
    "RequestPermit",
    "UnpermittedAttemptReported",
    "decide",
    "evolve",
    "stream",
]
