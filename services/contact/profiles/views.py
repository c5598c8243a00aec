"""Read models: accounts as contact knows them, contact points, consents, statements.

Values of contact points stand sealed in their rows; no list opens them.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.sql import Executable

from services.contact import foreign
from services.contact.profiles.domain import events
from services.contact.profiles.domain.state import fact_of
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler, projection

METADATA = sa.MetaData()
INSTANT = sa.DateTime(timezone=True)
TEXTS = ARRAY(sa.Text)


def _table(name: str, key: str, *columns: "sa.Column[Any] | sa.Index") -> sa.Table:
    return sa.Table(
        name,
        METADATA,
        sa.Column("tenant_id", sa.Text, primary_key=True),
        sa.Column(key, sa.Text, primary_key=True),
        *columns,
    )


ACCOUNTS = _table(
    "accounts",
    "account_id",
    sa.Column("creditor_id", sa.Text, nullable=False),
    sa.Column("consumer_ids", TEXTS, nullable=False),
    sa.Column("parties", sa.LargeBinary, nullable=False),
    sa.Column("lifecycle", sa.Text, nullable=False),
    sa.Column("correlation_id", sa.Text, nullable=False),
    sa.Column("traceparent", sa.Text),
)
POINTS = _table(
    "contact_points",
    "contact_point_id",
    sa.Column("consumer_id", sa.Text, nullable=False),
    sa.Column("party_id", sa.Text),
    sa.Column("account_ids", TEXTS, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("value", sa.LargeBinary, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("zones", TEXTS, nullable=False),
    sa.Column("states", TEXTS, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("recorded_at", INSTANT, nullable=False),
    sa.Index("contact_points_of_consumer", "tenant_id", "consumer_id", "contact_point_id"),
)
CONSENTS = _table(
    "consents",
    "consent_id",
    sa.Column("consumer_id", sa.Text, nullable=False),
    sa.Column("account_ids", TEXTS, nullable=False),
    sa.Column("contact_point_id", sa.Text),
    sa.Column("medium", sa.Text, nullable=False),
    sa.Column("procedure", sa.Text, nullable=False),
    sa.Column("given_to", sa.Text, nullable=False),
    sa.Column("given_at", INSTANT, nullable=False),
    sa.Column("opt_out_ends_on", sa.Date),
    sa.Column("expires_on", sa.Date),
    sa.Column("withdrawn_at", INSTANT),
    sa.Index("consents_of_consumer", "tenant_id", "consumer_id", "consent_id"),
)
STATEMENTS = _table(
    "statements",
    "fact_id",
    sa.Column("consumer_id", sa.Text, nullable=False),
    sa.Column("fact", sa.LargeBinary, nullable=False),
    sa.Column("recorded_at", INSTANT, nullable=False),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Column("released_at", INSTANT),
    sa.Column("released_by", sa.Text),
    sa.Column("release_reason", sa.Text),
    sa.Index("statements_of_consumer", "tenant_id", "consumer_id", "fact_id"),
)


def account(account_id: str) -> sa.Select[Any]:
    """Query one account."""
    return sa.select(ACCOUNTS).where(ACCOUNTS.c.account_id == account_id)


def accounts_among(consumer_id: str, account_ids: Sequence[str]) -> sa.Select[Any]:
    """Query those of some accounts that are a consumer's."""
    return sa.select(ACCOUNTS.c.account_id).where(
        ACCOUNTS.c.account_id.in_(account_ids),
        sa.literal(consumer_id) == sa.any_(ACCOUNTS.c.consumer_ids),
    )


def owed_by(account_ids: Iterable[str]) -> sa.Select[Any]:
    """Query who owes each of some accounts."""
    return sa.select(ACCOUNTS.c.account_id, ACCOUNTS.c.consumer_ids).where(
        ACCOUNTS.c.account_id.in_(sorted(account_ids))
    )


def account_and_point(account_id: str, contact_point_id: str) -> sa.Select[Any]:
    """Query an account together with a contact point of one of its people, if it is one."""
    belongs = sa.and_(
        POINTS.c.tenant_id == ACCOUNTS.c.tenant_id,
        POINTS.c.contact_point_id == contact_point_id,
        POINTS.c.consumer_id == sa.any_(ACCOUNTS.c.consumer_ids),
    )
    point = (POINTS.c.contact_point_id, POINTS.c.consumer_id, POINTS.c.party_id, POINTS.c.kind)
    return (
        sa.select(ACCOUNTS, *point)
        .select_from(ACCOUNTS.outerjoin(POINTS, belongs))
        .where(ACCOUNTS.c.account_id == account_id)
    )


def point_value(contact_point_id: str) -> sa.Select[Any]:
    """Query the sealed value of a contact point."""
    return sa.select(POINTS.c.value).where(POINTS.c.contact_point_id == contact_point_id)


def of_consumer(
    table: sa.Table, key: str, consumer_id: str, after: Any, limit: int
) -> sa.Select[Any]:
    """Query a consumer's rows of one of the tables, in the order of their ids."""
    query = sa.select(table).where(table.c.consumer_id == consumer_id)
    if after:
        query = query.where(table.c[key] > after[0])
    return query.order_by(table.c[key]).limit(limit)


def _placed(event: foreign.AccountPlaced, envelope: Envelope) -> Sequence[Executable]:
    row = insert(ACCOUNTS).values(
        tenant_id=envelope.tenant,
        account_id=event.account_id,
        creditor_id=event.creditor_id,
        consumer_ids=list(event.consumer_ids),
        parties=msgspec.json.encode(event.parties, order="sorted"),
        lifecycle="received",
        correlation_id=envelope.metadata.correlation_id,
        traceparent=envelope.metadata.traceparent,
    )
    return [row.on_conflict_do_nothing()]


def _becomes(lifecycle: str) -> Any:
    def project(event: Any, envelope: Envelope) -> Sequence[Executable]:
        return [_change(ACCOUNTS, envelope, "account_id", event.account_id, lifecycle=lifecycle)]

    return project


def _point(event: events.ContactPointRecorded, envelope: Envelope) -> Sequence[Executable]:
    row = insert(POINTS).values(
        tenant_id=envelope.tenant,
        contact_point_id=event.contact_point_id,
        consumer_id=event.consumer_ids[0],
        party_id=event.party_id,
        account_ids=list(event.account_ids),
        kind=event.kind,
        label=event.label,
        value=msgspec.json.encode(event.value, order="sorted"),
        digest=event.digest,
        zones=list(event.zones),
        states=list(event.states),
        source=event.source,
        recorded_at=event.at,
    )
    return [
        row.on_conflict_do_update(
            index_elements=["tenant_id", "contact_point_id"],
            set_={"account_ids": row.excluded.account_ids},
        )
    ]


def _consent(event: events.ConsentRecorded, envelope: Envelope) -> Sequence[Executable]:
    row = insert(CONSENTS).values(
        tenant_id=envelope.tenant,
        consent_id=event.consent_id,
        consumer_id=event.consumer_ids[0],
        account_ids=list(event.account_ids),
        contact_point_id=event.contact_point_id,
        medium=event.medium,
        procedure=event.procedure,
        given_to=event.given_to,
        given_at=event.given_at,
        opt_out_ends_on=event.opt_out_ends_on,
        expires_on=event.expires_on,
    )
    return [row.on_conflict_do_nothing()]


def _withdrawn(event: events.ConsentWithdrawn, envelope: Envelope) -> Sequence[Executable]:
    withdrawn = event.withdrawn_at
    return [_change(CONSENTS, envelope, "consent_id", event.consent_id, withdrawn_at=withdrawn)]


def _stated(event: events.Statement, envelope: Envelope) -> Sequence[Executable]:
    row = insert(STATEMENTS).values(
        tenant_id=envelope.tenant,
        fact_id=event.fact_id,
        consumer_id=event.consumer_ids[0],
        fact=msgspec.json.encode(fact_of(event), order="sorted"),
        recorded_at=event.at,
        recorded_by=envelope.metadata.actor,
    )
    return [row.on_conflict_do_nothing()]


def _released(event: events.ProtectiveFactReleased, envelope: Envelope) -> Sequence[Executable]:
    return [
        _change(
            STATEMENTS,
            envelope,
            "fact_id",
            event.fact_id,
            released_at=event.at,
            released_by=event.released_by,
            release_reason=event.reason,
        )
    ]


def _change(
    table: sa.Table,
    envelope: Envelope,
    key: str,
    value: str,
    **changes: str | datetime | date | None,
) -> Executable:
    return (
        sa.update(table)
        .where(table.c.tenant_id == envelope.tenant, table.c[key] == value)
        .values(**changes)
    )


_STATEMENTS: tuple[type, ...] = (
    events.CeaseRequested,
    events.OptOutRecorded,
    events.AttorneyRetained,
    events.InconvenientTimeStated,
    events.InconvenientPlaceStated,
    events.EmployerProhibitionStated,
    events.ExtraCallsConsented,
    events.WrongNumberReported,
    events.ThirdPartyDisclosureReported,
    events.EmployerAddressReported,
    events.PriorConsentGiven,
    events.ConsumerStatusReported,
    events.BankruptcyReported,
    events.MilitaryServiceReported,
    events.IdentityTheftReported,
    events.NumberChecked,
    events.PriorConductReported,
    events.InitialCommunicationReported,
    events.ReportingDisputeNoticed,
    events.DebtPositionStated,
)
LEDGER_HANDLERS: tuple[Handler, ...] = (
    projection(foreign.AccountPlaced, _placed),
    projection(foreign.AccountActivated, _becomes("active")),
    projection(foreign.AccountRecalled, _becomes("recalled")),
    projection(foreign.AccountClosed, _becomes("closed")),
    projection(foreign.AccountReopened, _becomes("active")),
)
HANDLERS: tuple[Handler, ...] = (
    projection(events.ContactPointRecorded, _point),
    projection(events.ConsentRecorded, _consent),
    projection(events.ConsentWithdrawn, _withdrawn),
    *(projection(each, _stated) for each in _STATEMENTS),
    projection(events.ProtectiveFactReleased, _released),
)
