"""Whether everything that a tenant's events and clock give rise to has been done.

One look is one query per database, all at the same time. A look alone proves nothing: while one
database is read, a service may write to one that was read already. Two looks in a row that find
nothing due, nothing new and every reader past where the sources stood before the first of them
leave nothing that could still set anything off.

A reader over Kafka has positions of the topic. It has come to a head when the source's relay has,
and it has itself come past the last event that the relay notes to have been acknowledged.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.command.administration import Stores
from shared.kernel.records import record
from shared.messaging.kafka.publications import RELAY
from shared.messaging.kafka.records import CLUSTER_MARK

Place = tuple[int, int]  # transaction id and position: the order in which feeds are read


LATER_MAX = 1_000

# The newest events are looked through for the tenant's, not the tenant's events for new ones: that
# would cost more with every event. Too many to look through count as news.
_LOOK = f"""
WITH later AS MATERIALIZED (
  SELECT tenant_id FROM events
  WHERE (transaction_id, position) > ($2::text::xid8, $3::bigint)
  ORDER BY transaction_id, position
  LIMIT {LATER_MAX}
), head AS MATERIALIZED (
  SELECT transaction_id::text::bigint AS transaction_id, position
  FROM events ORDER BY events.transaction_id DESC, events.position DESC LIMIT 1
)
SELECT
  (SELECT epoch FROM store) AS epoch,
  coalesce((SELECT frozen_at FROM clocks WHERE tenant_id = $1), clock_timestamp()) AS now,
  (SELECT min(due_at) FROM jobs WHERE tenant_id = $1 AND status = 'waiting') AS next_due,
  EXISTS (SELECT FROM parked_events WHERE tenant_id = $1) AS has_parked,
  EXISTS (SELECT FROM later WHERE tenant_id = $1)
    OR (SELECT count(*) FROM later) = {LATER_MAX} AS has_news,
  coalesce((SELECT transaction_id FROM head), 0) AS head_transaction,
  coalesce((SELECT position FROM head), 0) AS head_position,
  ARRAY(SELECT ARRAY[partition, publication, last_event_offset] FROM publications) AS sent,
  c.subscription, c.partition, c.epoch AS reads,
  c.transaction_id::text::bigint AS transaction_id, c.position
FROM (SELECT) AS one LEFT JOIN checkpoints c ON true
ORDER BY c.subscription, c.partition
"""


@record
class Checkpoint:
    """How far a subscription has come in the store that has the epoch `reads`.

    Over Kafka its place is the number of a publication and the offset that comes next.
    """

    subscription: str
    partition: str
    reads: str
    place: Place

    def has_come_to(self, head: Place, source: "Standing") -> bool:
        """Tell whether everything up to a head of its source has been read."""
        if CLUSTER_MARK not in self.reads:
            return self.place >= head
        last = source.sent.get(self.partition)
        return last is not None and self.place > last and source.is_published_to(head)


@record
class Standing:
    """What one database said."""

    epoch: str
    now: datetime
    next_due: datetime | None
    has_parked: bool
    has_news: bool
    head: Place
    sent: Mapping[str, Place]
    checkpoints: tuple[Checkpoint, ...]

    def is_published_to(self, head: Place) -> bool:
        """Tell whether every relay of this service has come to a head."""
        relays = [each for each in self.checkpoints if each.subscription == RELAY]
        return bool(relays) and all(each.place >= head for each in relays)

    @property
    def is_due(self) -> bool:
        """Tell whether a job should have been done by now."""
        return self.next_due is not None and self.next_due <= self.now


@record
class Look:
    """What all databases said, at about the same time."""

    standings: Mapping[str, Standing]

    @property
    def heads(self) -> dict[str, Place]:
        """Return where each service's newest event is."""
        return {service: each.head for service, each in self.standings.items()}

    @property
    def next_due(self) -> datetime | None:
        """Return when the earliest waiting job is due."""
        due = [each.next_due for each in self.standings.values() if each.next_due is not None]
        return min(due, default=None)

    @property
    def is_due(self) -> bool:
        """Tell whether any service has a job that should have been done by now."""
        return any(each.is_due for each in self.standings.values())

    @property
    def has_news(self) -> bool:
        """Tell whether the tenant has events after the heads that this look was given."""
        return any(each.has_news for each in self.standings.values())

    @property
    def has_parked(self) -> bool:
        """Tell whether an event of the tenant was set aside."""
        return any(each.has_parked for each in self.standings.values())

    @property
    def state(self) -> tuple[object, ...]:
        """Return what differs from another look's when something has moved."""
        return tuple(
            (
                each.next_due,
                each.head,
                tuple((one.subscription, one.reads, one.place) for one in each.checkpoints),
            )
            for each in self.standings.values()
        )

    def behind(self, heads: Mapping[str, Place]) -> dict[str, str]:
        """Return the subscriptions that have not come to these heads, and what they lack."""
        sources = {each.epoch: service for service, each in self.standings.items()}
        lacking: dict[str, str] = {}
        for service, standing in self.standings.items():
            if not standing.checkpoints:
                lacking[service] = "has never read anything: is it running?"
            for each in standing.checkpoints:
                source = sources.get(each.reads.partition(CLUSTER_MARK)[0])
                if not each.reads:
                    lacking[each.subscription] = "has not begun to read"
                elif source is None:
                    lacking[each.subscription] = "reads another store: it must be rebuilt"
                elif not each.has_come_to(heads[source], self.standings[source]):
                    lacking[each.subscription] = f"has not come to the newest event of {source}"
                elif missing := _unread(standing, each, self.standings[source]):
                    lacking[each.subscription] = f"has not begun to read partition {missing[0]}"
        return lacking


def _unread(standing: Standing, reader: Checkpoint, source: Standing) -> list[str]:
    """Return the partitions of a topic that nobody has read for a subscription yet."""
    if CLUSTER_MARK not in reader.reads:
        return []
    read = {
        each.partition for each in standing.checkpoints if each.subscription == reader.subscription
    }
    return sorted(source.sent.keys() - read)


async def look(stores: Stores, tenant: str, heads: Mapping[str, Place] | None) -> Look:
    """Look at every database; `heads` is where the tenant's news begin, if that matters yet."""
    rows = await asyncio.gather(
        *(
            connection.fetch(_LOOK, tenant, *_after(heads, service))
            for service, connection in stores.connections.items()
        )
    )
    return Look(
        standings={
            service: _standing(those)
            for service, those in zip(stores.connections, rows, strict=True)
        }
    )


def _after(heads: Mapping[str, Place] | None, service: str) -> tuple[str | None, int | None]:
    if heads is None:
        return None, None
    transaction, position = heads[service]
    return str(transaction), position


def _standing(rows: list[Any]) -> Standing:
    row = rows[0]
    return Standing(
        epoch=row["epoch"],
        now=row["now"],
        next_due=row["next_due"],
        has_parked=row["has_parked"],
        has_news=row["has_news"],
        head=(row["head_transaction"], row["head_position"]),
        sent={str(each): (number, offset) for each, number, offset in row["sent"]},
        checkpoints=tuple(
            Checkpoint(
                subscription=each["subscription"],
                partition=each["partition"],
                reads=each["reads"],
                place=(each["transaction_id"], each["position"]),
            )
            for each in rows
            if each["subscription"] is not None
        ),
    )
