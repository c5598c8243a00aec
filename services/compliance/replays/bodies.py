"""What callers ask of a replay, and what it shows of what it found."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.compliance.permits.bodies import ObjectionAnswer
from services.compliance.replays import domain as replays
from services.compliance.replays.comparing import Difference
from services.compliance.replays.tally import Kind, Outcome, Stage, Tally
from shared.eventstore import codec
from shared.http.fields import Instant, StrictBody, TypeId

PACKS_MAX = 4
RuleBook = Annotated[str, Field(pattern=r"^(as_decided|in_force|rulebook@[0-9a-f]{16})$")]


_PLURALS: dict[Stage, str] = {"permit": "permits", "redemption": "redemptions", "act": "acts"}


class ReplayBody(StrictBody):
    """Which decisions are made again, by which book, knowing what.

    `rule_book` is `as_decided` (each decision by the book that made it), `in_force` (the one in
    force now) or the label of a book on record. `rule_packs` are packs of the agency, of any
    status, enforced beside that book; unless `in_force_throughout` is false they judge whatever
    dates they take effect from. Decisions of the period `from` up to, not including, `to` are made
    again knowing what was known then; `known_now` adds facts that were learnt later and held
    already.
    """

    rule_book: RuleBook = "as_decided"
    rule_packs: Annotated[list[Annotated[str, TypeId("rpk")]], Field(max_length=PACKS_MAX)] = []
    in_force_throughout: bool = True
    since: Annotated[Instant, Field(alias="from")]
    until: Annotated[Instant, Field(alias="to")]
    facts: Literal["known_then", "known_now"] = "known_then"


class ProgressAnswer(BaseModel):
    """How far it has come. `consumers_total` is known once all were counted."""

    consumers_done: int
    consumers_total: int | None
    decisions: int


class RecordedAnswer(BaseModel):
    """How many decisions went one way when they were made."""

    stage: Stage
    outcome: Outcome
    decisions: int


class DifferenceCountAnswer(BaseModel):
    """How many decisions would have been others, and in what."""

    stage: Stage
    kind: Kind
    decisions: int


class RuleCountAnswer(DifferenceCountAnswer):
    """The same because of one rule; a decision counts for each rule that makes it differ."""

    rule: str
    law: str
    citation: str


class DifferencesAnswer(BaseModel):
    """What would have been otherwise; `listed` of them can be read one by one.

    That is until `listed_until`, which is known once the replay has ended; their sums stay.
    """

    decisions: int
    consumers: int
    listed: int
    listed_until: datetime | None
    by_kind: list[DifferenceCountAnswer]
    by_rule: list[RuleCountAnswer]


_FAILURES: dict[replays.Failure, str] = {
    "pack-unreadable": (
        "A rule pack it was asked with cannot be judged by. Correct the draft, or leave it out, and"
        " ask for a new replay."
    ),
    "event-unreadable": (
        "A recorded decision of the period cannot be read by this release. Ask for a new replay of"
        " a period without it, and have an operator look at the log under this replay's id."
    ),
    "too-slow": (
        "A part of it never ended in time. Ask for a new replay of a shorter period, or when less"
        " is going on."
    ),
    "unexpected": (
        "It failed at the same place each time. Have an operator look at the log under this"
        " replay's id, and ask for a new replay once that is mended."
    ),
}


class FailureAnswer(BaseModel):
    """Why a replay could not be brought to its end, and what to do about it."""

    code: replays.Failure
    detail: str


class ReplayAnswer(BaseModel):
    """A replay: what was asked, how far it has come, and what it found so far.

    `undecided` decisions could not be made again, because their book is not on record;
    `other_time_zone_data` were made with other time-zone data than is at hand, which may be why
    some differ. A `failed` one is asked for anew; what it found before stays.
    """

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True)

    object: Literal["replay"] = "replay"
    id: str
    status: replays.Status
    summary: str
    rule_book: str
    rule_packs: list[str]
    in_force_throughout: bool
    since: Annotated[datetime, Field(alias="from")]
    until: Annotated[datetime, Field(alias="to")]
    facts: Literal["known_then", "known_now"]
    requested_by: str
    requested_at: datetime
    ended_at: datetime | None
    cancelled_by: str | None
    failure: FailureAnswer | None
    progress: ProgressAnswer
    recorded: list[RecordedAnswer]
    differences: DifferencesAnswer
    undecided: int
    other_time_zone_data: int

    @classmethod
    def of(cls, state: replays.ReplayState, listed_for: timedelta) -> "ReplayAnswer":
        """Show a replay as it stands; its differences can be read so long after its end."""
        scope, progress = state.scope, state.progress
        tally = progress.tally
        if scope is None or state.requested_at is None:
            raise replays.ReplayNotFound("There is no such replay.")
        return cls(
            id=state.replay_id,
            status=state.status,
            summary=summary(tally),
            rule_book=scope.rule_book,
            rule_packs=list(scope.pack_ids),
            in_force_throughout=scope.in_force_throughout,
            since=scope.since,
            until=scope.until,
            facts=scope.facts,
            requested_by=state.requested_by,
            requested_at=state.requested_at,
            ended_at=state.ended_at,
            cancelled_by=state.cancelled_by,
            failure=state.failure
            and FailureAnswer(code=state.failure, detail=_FAILURES[state.failure]),
            progress=ProgressAnswer(
                consumers_done=tally.consumers,
                consumers_total=progress.counted if progress.is_counted else None,
                decisions=tally.decisions,
            ),
            recorded=[RecordedAnswer(**_fields(each)) for each in tally.recorded],
            differences=DifferencesAnswer(
                decisions=tally.differing,
                consumers=tally.affected,
                listed=tally.listed,
                listed_until=state.ended_at and state.ended_at + listed_for,
                by_kind=[DifferenceCountAnswer(**_fields(each)) for each in tally.differences],
                by_rule=[RuleCountAnswer(**_fields(each)) for each in tally.by_rule],
            ),
            undecided=tally.undecided,
            other_time_zone_data=tally.other_zone_data,
        )


class PartAnswer(BaseModel):
    """A rule that makes a decision another one."""

    rule: str
    law: str
    citation: str


class DifferenceAnswer(BaseModel):
    """One decision that would have been another.

    `id` is the permit's, the redemption's or the clearance's; `doing` the channel, or the act.
    `objections` are those of the decision made again, `dropped_objections` those that only the
    recorded one had.
    """

    object: Literal["replay_difference"] = "replay_difference"
    id: str
    consumer_id: str
    account_ids: list[str]
    stage: Stage
    kind: Kind
    doing: str
    decided_at: datetime
    rules: list[PartAnswer]
    objections: list[ObjectionAnswer]
    dropped_objections: list[ObjectionAnswer]
    recorded_earliest_permitted_at: datetime | None
    earliest_permitted_at: datetime | None

    @classmethod
    def of_row(cls, row: Any) -> "DifferenceAnswer":
        """Show a kept difference."""
        found = codec.decode(Difference, row["difference"])
        return cls(
            id=found.decision_id,
            consumer_id=found.consumer_id,
            account_ids=list(found.account_ids),
            stage=found.stage,
            kind=found.kind,
            doing=found.doing,
            decided_at=found.decided_at,
            rules=[PartAnswer(**_fields(each)) for each in found.decided_by],
            objections=[ObjectionAnswer.of(each) for each in found.objections],
            dropped_objections=[ObjectionAnswer.of(each) for each in found.dropped],
            recorded_earliest_permitted_at=found.recorded_earliest,
            earliest_permitted_at=found.earliest,
        )


def summary(tally: Tally) -> str:
    """Say in a sentence or two what a replay comes to so far."""
    said = [
        f"{_differing(tally, stage, 'granted_to_refused'):,} of {granted:,} {plural}"
        for stage, plural in _PLURALS.items()
        if (granted := _recorded(tally, stage, "granted"))
    ]
    refused = sum(each.decisions for each in tally.recorded if each.outcome == "refused")
    won = sum(_differing(tally, stage, "refused_to_granted") for stage in _PLURALS)
    lost = sum(_differing(tally, stage, "granted_to_refused") for stage in _PLURALS)
    return (
        f"Would have been refused: {', '.join(said) or 'nothing'}."
        f" Would have been granted: {won:,} of {refused:,} refusals."
        f" Would have had other reasons, times or details: {tally.differing - lost - won:,}."
    )


def _recorded(tally: Tally, stage: Stage, outcome: Outcome) -> int:
    counts = (
        each.decisions for each in tally.recorded if (each.stage, each.outcome) == (stage, outcome)
    )
    return sum(counts)


def _differing(tally: Tally, stage: Stage, kind: Kind) -> int:
    counts = (
        each.decisions for each in tally.differences if (each.stage, each.kind) == (stage, kind)
    )
    return sum(counts)


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__struct_fields__}
