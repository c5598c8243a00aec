"""The read model of content checks: what was judged, by content, channel and verdict."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql import Executable

from services.compliance.content.bodies import ContentCheckAnswer
from services.compliance.content.domain import ContentChecked
from shared.eventstore import codec
from shared.http.filters import within
from shared.messaging.feed import Envelope
from shared.messaging.subscription import Handler, projection

METADATA = sa.MetaData()
CHECKS = sa.Table(
    "content_checks",
    METADATA,
    sa.Column("tenant_id", sa.Text, primary_key=True),
    sa.Column("check_id", sa.Text, primary_key=True),
    sa.Column("content_digest", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("checked", sa.LargeBinary, nullable=False),
    sa.Index("content_checks_by_time", "tenant_id", "checked_at", "check_id"),
    sa.Index("content_checks_of_content", "tenant_id", "content_digest", "checked_at", "check_id"),
)
_COLUMNS = ("content_digest", "channel", "document", "verdict")


def check(check_id: str) -> sa.Select[Any]:
    """Query one check."""
    return sa.select(CHECKS).where(CHECKS.c.check_id == check_id)


def listed(filters: Mapping[str, str], after: Any, limit: int) -> sa.Select[Any]:
    """Query checks by any of the filters, newest first."""
    query = sa.select(CHECKS).where(*within(CHECKS.c.checked_at, filters))
    for name in _COLUMNS:
        if name in filters:
            query = query.where(CHECKS.c[name] == filters[name])
    if after:
        place = sa.tuple_(CHECKS.c.checked_at, CHECKS.c.check_id)
        query = query.where(
            place < sa.tuple_(sa.literal(datetime.fromisoformat(after[0])), sa.literal(after[1]))
        )
    return query.order_by(CHECKS.c.checked_at.desc(), CHECKS.c.check_id.desc()).limit(limit)


def shown(row: Any) -> ContentCheckAnswer:
    """Show a check as it was recorded; the words it was about are not kept."""
    return ContentCheckAnswer.of(codec.decode(ContentChecked, row["checked"]))


def _checked(event: ContentChecked, envelope: Envelope) -> Sequence[Executable]:
    return [
        insert(CHECKS)
        .values(
            tenant_id=envelope.tenant,
            check_id=event.check_id,
            content_digest=event.content_digest,
            channel=event.channel,
            document=event.document,
            verdict=event.verdict,
            checked_at=event.at,
            checked=codec.encode(event),
        )
        .on_conflict_do_nothing()
    ]


HANDLERS: tuple[Handler, ...] = (projection(ContentChecked, _checked),)
