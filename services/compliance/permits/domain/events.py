"""What happens at a gate. A decision holds all that is needed to make it again.

The facts it stood on are the gate's own earlier events, the rules are those of the book that
`rule_pack` names; everything else is in the event. `observed` is what packs in shadow would have
said.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from services.compliance.rules.act_request import ActRequest
from services.compliance.rules.facts import Fact, FirstFact
from services.compliance.rules.findings import Flag, Objection, Observation
from services.compliance.rules.request import Circumstances, ContactRequest
from services.compliance.rules.succession import Following
from shared.kernel.records import event, record


@record
class BookAhead:
    """A rule book that was known to follow; without a label nothing could be decided from then."""

    since: datetime
    rule_pack: str | None


def ahead(following: Iterable[Following]) -> tuple[BookAhead, ...]:
    """Name the books that follow."""
    return tuple(
        BookAhead(since=each.since, rule_pack=each.book.label if each.book else None)
        for each in following
    )


@event("forbear.compliance.fact-recorded.v1")
class FirstFactRecorded:
    """A fact took effect, of one of the kinds there were at first. No longer decided."""

    consumer_ids: tuple[str, ...]
    fact_key: str
    source_stream: str
    source_version: int
    fact: FirstFact
    at: datetime


@event("forbear.compliance.fact-recorded.v2")
class FactRecorded:
    """A fact took effect."""

    consumer_ids: tuple[str, ...]
    fact_key: str
    source_stream: str
    source_version: int
    fact: Fact
    at: datetime


def latest(event: FirstFactRecorded) -> FactRecorded:
    """Return the event as its present version has it."""
    return FactRecorded(
        consumer_ids=event.consumer_ids,
        fact_key=event.fact_key,
        source_stream=event.source_stream,
        source_version=event.source_version,
        fact=event.fact,
        at=event.at,
    )


@event("forbear.compliance.fact-released.v1")
class FactReleased:
    """A fact ended, or will not begin: it may be released before it arrives."""

    consumer_ids: tuple[str, ...]
    fact_key: str
    source_stream: str
    source_version: int
    released_by: str
    reason: str
    at: datetime


@event("forbear.compliance.permit-granted.v1")
class PermitGranted:
    """Leave to make one attempt, until `expires_at` (not included).

    `answers` is the message whose one reply this takes, `confirms` the opt-outs it confirms.
    """

    consumer_ids: tuple[str, ...]
    permit_id: str
    request: ContactRequest
    circumstances: Circumstances
    flags: tuple[Flag, ...]
    answers: str | None
    confirms: tuple[str, ...]
    expires_at: datetime
    rule_pack: str
    tz_version: str
    watermarks: dict[str, datetime]
    trace_id: str
    at: datetime
    observed: tuple[Observation, ...] = ()


@event("forbear.compliance.permit-refused.v1")
class PermitRefused:
    """No leave, with every rule that objects and when all of them would allow.

    `books_ahead` are those that were known to come into force later: the time counts with them.
    """

    consumer_ids: tuple[str, ...]
    permit_id: str
    request: ContactRequest
    circumstances: Circumstances
    verdict: Literal["defer", "review", "deny"]
    objections: tuple[Objection, ...]
    flags: tuple[Flag, ...]
    earliest_permitted_at: datetime | None
    rule_pack: str
    tz_version: str
    watermarks: dict[str, datetime]
    trace_id: str
    at: datetime
    observed: tuple[Observation, ...] = ()
    books_ahead: tuple[BookAhead, ...] = ()


@event("forbear.compliance.permit-redeemed.v1")
class PermitRedeemed:
    """The permit is used; the dispatch begins at or after `at` and before `dispatch_before`."""

    consumer_ids: tuple[str, ...]
    permit_id: str
    redemption_id: str
    request: ContactRequest
    circumstances: Circumstances
    flags: tuple[Flag, ...]
    answers: str | None
    confirms: tuple[str, ...]
    dispatch_before: datetime
    rule_pack: str
    tz_version: str
    watermarks: dict[str, datetime]
    trace_id: str
    at: datetime
    observed: tuple[Observation, ...] = ()


@event("forbear.compliance.redemption-refused.v1")
class RedemptionRefused:
    """No dispatch: the permit is not good for it, or rules object at this instant."""

    consumer_ids: tuple[str, ...]
    permit_id: str
    redemption_id: str
    request: ContactRequest
    circumstances: Circumstances
    objections: tuple[Objection, ...]
    rule_pack: str
    tz_version: str
    watermarks: dict[str, datetime]
    trace_id: str
    at: datetime
    observed: tuple[Observation, ...] = ()


@event("forbear.compliance.outcome-reported.v1")
class OutcomeReported:
    """What came of an attempt, its times held to what the permit allows.

    `irregularities` (`time_out_of_bounds`, `permit_not_redeemed`) are to be alarmed; the reported
    times stand beside the kept ones.
    """

    consumer_ids: tuple[str, ...]
    permit_id: str
    report_id: str
    outcome: str
    started_at: datetime
    ended_at: datetime
    reported_started_at: datetime | None
    reported_ended_at: datetime | None
    discussed: tuple[str, ...]
    raised: tuple[str, ...]
    irregularities: tuple[str, ...]
    at: datetime


@event("forbear.compliance.permit-released.v1")
class PermitReleased:
    """A permit was given back unused."""

    consumer_ids: tuple[str, ...]
    permit_id: str
    reason: str
    at: datetime


@event("forbear.compliance.permit-revoked.v1")
class PermitRevoked:
    """A protective fact ended an outstanding permit."""

    consumer_ids: tuple[str, ...]
    permit_id: str
    by_fact: str
    at: datetime


@event("forbear.compliance.unpermitted-attempt-reported.v1")
class UnpermittedAttemptReported:
    """An attempt was made without leave. It counts, and it is alarmed."""

    consumer_ids: tuple[str, ...]
    attempt_id: str
    request: ContactRequest
    outcome: str
    started_at: datetime
    ended_at: datetime
    discussed: tuple[str, ...]
    raised: tuple[str, ...]
    at: datetime


@event("forbear.compliance.act-cleared.v1")
class ActCleared:
    """No rule objects to an act other than a contact, if it is done before `expires_at`."""

    consumer_ids: tuple[str, ...]
    clearance_id: str
    request: ActRequest
    circumstances: Circumstances
    flags: tuple[Flag, ...]
    expires_at: datetime
    rule_pack: str
    tz_version: str
    watermarks: dict[str, datetime]
    trace_id: str
    at: datetime
    observed: tuple[Observation, ...] = ()


@event("forbear.compliance.act-refused.v1")
class ActRefused:
    """An act other than a contact is vetoed, with every rule that objects."""

    consumer_ids: tuple[str, ...]
    clearance_id: str
    request: ActRequest
    circumstances: Circumstances
    verdict: Literal["defer", "review", "deny"]
    objections: tuple[Objection, ...]
    flags: tuple[Flag, ...]
    earliest_permitted_at: datetime | None
    rule_pack: str
    tz_version: str
    watermarks: dict[str, datetime]
    trace_id: str
    at: datetime
    observed: tuple[Observation, ...] = ()
    books_ahead: tuple[BookAhead, ...] = ()


Event = (
    FirstFactRecorded
    | FactRecorded
    | FactReleased
    | PermitGranted
    | PermitRefused
    | PermitRedeemed
    | RedemptionRefused
    | OutcomeReported
    | PermitReleased
    | PermitRevoked
    | UnpermittedAttemptReported
    | ActCleared
    | ActRefused
)
