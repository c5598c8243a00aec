"""Read models: decisions as recorded, protective facts, and how far each stream was applied."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, get_args

import msgspec
import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.sql import Executable

from services.compliance.permits.bodies import DecisionAnswer
from services.compliance.permits.domain import events
from shared.eventstore.statements import Shape, Statement
from shared.http.filters import within
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler, projection

METADATA = sa.MetaData()
DECISIONS = sa.Table(
    "decisions",
    METADATA,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("permit_id", sa.Text, primary_key=True),
    sa.Column("consumer_id", sa.Text, nullable=False),
    sa.Column("account_ids", ARRAY(sa.Text), nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("expires_at", sa.DateTime(timezone=True)),
    sa.Column("decision", sa.LargeBinary, nullable=False),
    # What the answer says already, so that lists can be asked by it.
    sa.Column("channel", sa.Text),
    sa.Column("verdict", sa.Text),
    sa.Column("rules", JSONB),
    sa.Index("decisions_by_time", "tenant_id", "decided_at", "permit_id"),
    sa.Index("decisions_of_consumer", "tenant_id", "consumer_id", "decided_at", "permit_id"),
)
FACTS = sa.Table(
    "protective_facts",
    METADATA,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("consumer_id", sa.Text, primary_key=True),
    sa.Column("source_stream", sa.Text, primary_key=True),
    sa.Column("fact_key", sa.Text, primary_key=True),
    sa.Column("source_version", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("fact", sa.LargeBinary, nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("released_at", sa.DateTime(timezone=True)),
    sa.Column("released_by", sa.Text),
    sa.Column("release_reason", sa.Text),
)
_IS_REVIEW = FACTS.c.kind == sa.literal_column("'call-review'")  # literally, as in its indexes
APPLIED = sa.Table(
    "applied_streams",
    METADATA,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
)
_DECIDED = Shape(insert(DECISIONS).on_conflict_do_nothing())
_BECOMES = Shape(
    sa.update(DECISIONS)
    .where(
        DECISIONS.c.tenant_id == sa.bindparam("tenant"),
        DECISIONS.c.permit_id == sa.bindparam("permit"),
    )
    .values(status=sa.bindparam("becomes"))
)
_row = insert(APPLIED)
_APPLIED = Shape(
    _row.on_conflict_do_update(
        index_elements=["tenant_id", "stream"],
        set_={"version": _row.excluded.version},
        where=APPLIED.c.version < _row.excluded.version,
    )
)
ProtectiveKind = Literal[
    "account-hold",
    "attorney-retained",
    "bankruptcy",
    "cease-notice",
    "consumer-status",
    "dispute",
    "employer-address",
    "employer-prohibition",
    "identity-theft-report",
    "inconvenient-place",
    "inconvenient-time",
    "military-service",
    "opt-out",
    "oral-stop",
    "original-creditor-request",
    "reporting-dispute",
    "substantiation-request",
    "third-party-disclosure",
    "wrong-number",
]
"""Facts that restrict contact; the others a gate only needs to know."""

PROTECTIVE: tuple[str, ...] = get_args(ProtectiveKind)

Status = Literal["granted", "refused", "redeemed", "released", "revoked", "concluded", "expired"]
"""`expired` is never stored: no event says that a permit's time ran out."""


class RecordedDecision(DecisionAnswer):
    """A decision as it was recorded, with what became of the permit since."""

    status: Status

    @classmethod
    def of_row(cls, row: Any, now: datetime) -> "RecordedDecision":
        """Show a row as of an instant of the tenant's clock."""
        status = status_of(row["status"], row["expires_at"], now)
        return cls(status=status, **msgspec.json.decode(row["decision"]))


class ProtectiveFact(BaseModel):
    """Something that restricts contact, or did."""

    object: Literal["protective_fact"] = "protective_fact"
    id: str
    kind: str
    fact: dict[str, Any]
    recorded_at: datetime
    released_at: datetime | None
    released_by: str | None
    release_reason: str | None

    @classmethod
    def of(cls, row: Any) -> "ProtectiveFact":
        """Show a row."""
        return cls(
            id=row["fact_key"],
            kind=row["kind"],
            fact=msgspec.json.decode(row["fact"]),
            recorded_at=row["recorded_at"],
            released_at=row["released_at"],
            released_by=row["released_by"],
            release_reason=row["release_reason"],
        )


def status_of(stored: Status, expires_at: datetime | None, now: datetime) -> Status:
    """Return the status: a permit that nobody used in time has expired, without any event."""
    if stored == "granted" and expires_at is not None and expires_at <= now:
        return "expired"
    return stored


def why_refused(row: Any) -> str:
    """Say of a refusal's row why there is no permit, and from when on one may be asked for."""
    decided = RecordedDecision.of_row(row, row["decided_at"])
    reasons = "; ".join(f"{each.rule}: {each.explanation}" for each in decided.objections)
    again = decided.earliest_permitted_at
    when = f"at {again.isoformat()} or later" if again else "once what objects has ended"
    return f"The decision was {decided.decision}, no permit. Ask again {when}. {reasons}"


def decision(permit_id: str) -> sa.Select[Any]:
    """Query one decision."""
    return sa.select(DECISIONS).where(DECISIONS.c.permit_id == permit_id)


def decisions(filters: Mapping[str, str], now: datetime, after: Any, limit: int) -> sa.Select[Any]:
    """Query decisions, newest first, by any of the filters; statuses are as of `now`."""
    query = sa.select(DECISIONS).where(*within(DECISIONS.c.decided_at, filters))
    for name, value in filters.items():
        match name:
            case "consumer_id" | "channel":
                query = query.where(DECISIONS.c[name] == value)
            case "decision":
                query = query.where(DECISIONS.c.verdict == value)
            case "account_id":
                query = query.where(DECISIONS.c.account_ids.contains([value]))
            case "rule":
                query = query.where(DECISIONS.c.rules.contains([value]))
            case "status":
                query = query.where(_has_status(value, now))
    if after:
        place = sa.tuple_(DECISIONS.c.decided_at, DECISIONS.c.permit_id)
        query = query.where(
            place < sa.tuple_(sa.literal(datetime.fromisoformat(after[0])), sa.literal(after[1]))
        )
    return query.order_by(DECISIONS.c.decided_at.desc(), DECISIONS.c.permit_id.desc()).limit(limit)


def _has_status(status: str, now: datetime) -> sa.ColumnElement[bool]:
    match status:
        case "expired":
            return sa.and_(DECISIONS.c.status == "granted", DECISIONS.c.expires_at <= now)
        case "granted":
            return sa.and_(DECISIONS.c.status == "granted", DECISIONS.c.expires_at > now)
        case _:
            return DECISIONS.c.status == status


def facts_of(
    consumer_id: str, filters: Mapping[str, str], after: Any, limit: int
) -> sa.Select[Any]:
    """Query the protective facts of a consumer: of one kind, those that hold or were released."""
    query = sa.select(FACTS).where(FACTS.c.consumer_id == consumer_id, FACTS.c.kind.in_(PROTECTIVE))
    if "kind" in filters:
        query = query.where(FACTS.c.kind == filters["kind"])
    if "state" in filters:
        is_released = FACTS.c.released_at.is_not(None)
        query = query.where(is_released if filters["state"] == "released" else ~is_released)
    if after:
        place = sa.tuple_(FACTS.c.fact_key, FACTS.c.source_stream)
        query = query.where(place > sa.tuple_(sa.literal(after[0]), sa.literal(after[1])))
    return query.order_by(FACTS.c.fact_key, FACTS.c.source_stream).limit(limit)


def call_review(review_id: str) -> sa.Select[Any]:
    """Query one decision on a call beyond the frequencies."""
    return sa.select(FACTS).where(_IS_REVIEW, FACTS.c.fact_key == review_id)


def call_reviews(filters: Mapping[str, str], after: Any, limit: int) -> sa.Select[Any]:
    """Query such decisions, newest first, by any of the filters."""
    query = sa.select(FACTS).where(_IS_REVIEW, *within(FACTS.c.recorded_at, filters))
    said = sa.func.answered(FACTS.c.fact, type_=JSONB)
    if "consumer_id" in filters:
        query = query.where(FACTS.c.consumer_id == filters["consumer_id"])
    if "account_id" in filters:
        query = query.where(said["account_ids"].contains([filters["account_id"]]))
    if "decision" in filters:
        query = query.where(said["decision"].astext == filters["decision"])
    if after:
        place = sa.tuple_(FACTS.c.recorded_at, FACTS.c.fact_key)
        query = query.where(
            place < sa.tuple_(sa.literal(datetime.fromisoformat(after[0])), sa.literal(after[1]))
        )
    return query.order_by(FACTS.c.recorded_at.desc(), FACTS.c.fact_key.desc()).limit(limit)


def applied(streams: Sequence[str]) -> sa.Select[Any]:
    """Query how far streams of other services were applied."""
    return sa.select(APPLIED).where(APPLIED.c.stream.in_(streams))


def mark_applied(event: Any, envelope: Envelope) -> Sequence[Statement]:
    """Note that everything up to this version of a stream has been applied."""
    return [
        _APPLIED.row(tenant_id=envelope.tenant, stream=envelope.stream, version=envelope.version)
    ]


def _decided(
    event: events.PermitGranted | events.PermitRefused, envelope: Envelope
) -> Sequence[Statement]:
    is_granted = isinstance(event, events.PermitGranted)
    answer = DecisionAnswer.of(event)
    return [
        _DECIDED.row(
            tenant_id=envelope.tenant,
            permit_id=event.permit_id,
            consumer_id=event.request.consumer_id,
            account_ids=list(event.request.account_ids),
            status="granted" if is_granted else "refused",
            decided_at=event.at,
            expires_at=event.expires_at if isinstance(event, events.PermitGranted) else None,
            decision=answer.model_dump_json().encode(),
            channel=answer.channel,
            verdict=answer.decision,
            rules=[each.rule for each in answer.objections],
        )
    ]


def _becomes(status: Status) -> Any:
    def project(event: Any, envelope: Envelope) -> Sequence[Statement]:
        return [_BECOMES.row(tenant=envelope.tenant, permit=event.permit_id, becomes=status)]

    return project


def _recorded(
    event: events.FactRecorded | events.FirstFactRecorded, envelope: Envelope
) -> Sequence[Executable]:
    fact = msgspec.json.encode(event.fact, order="sorted")
    return [
        insert(FACTS)
        .values(
            tenant_id=envelope.tenant,
            consumer_id=consumer_id,
            source_stream=event.source_stream,
            fact_key=event.fact_key,
            source_version=event.source_version,
            kind=msgspec.json.decode(fact)["kind"],
            fact=fact,
            recorded_at=event.at,
        )
        .on_conflict_do_update(
            index_elements=["tenant_id", "consumer_id", "source_stream", "fact_key"],
            set_={"fact": fact, "source_version": event.source_version, "recorded_at": event.at},
        )
        for consumer_id in event.consumer_ids
    ]


def _released(event: events.FactReleased, envelope: Envelope) -> Sequence[Executable]:
    return [
        sa.update(FACTS)
        .where(
            FACTS.c.tenant_id == envelope.tenant,
            FACTS.c.consumer_id.in_(event.consumer_ids),
            FACTS.c.source_stream == event.source_stream,
            FACTS.c.fact_key == event.fact_key,
        )
        .values(released_at=event.at, released_by=event.released_by, release_reason=event.reason)
    ]


HANDLERS: tuple[Handler, ...] = (
    projection(events.PermitGranted, _decided),
    projection(events.PermitRefused, _decided),
    projection(events.PermitRedeemed, _becomes("redeemed")),
    projection(events.PermitReleased, _becomes("released")),
    projection(events.PermitRevoked, _becomes("revoked")),
    projection(events.OutcomeReported, _becomes("concluded")),
    projection(events.FirstFactRecorded, _recorded),
    projection(events.FactRecorded, _recorded),
    projection(events.FactReleased, _released),
)
