"""What a subscription writes, and the port that writes it in one transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from shared.eventstore.statements import Statement
from shared.eventstore.store import Metadata
from shared.eventstore.transact import Issue
from shared.kernel.records import record
from shared.messaging.feed import Envelope, Position
from shared.messaging.parking import Failure, ParkedEvent


@record
class Taken:
    """Where a subscription stands in a partition, as its checkpoint says."""

    subscription: str
    partition: str
    position: Position
    epoch: str


class Effect:
    """One delivered event and what to do about it.

    `run` returns the metadata of whatever follows, the commands to issue and the read-model
    statements to execute; it is pure and may be run again. An event that is not handled only moves
    the checkpoint, even behind a parked one.
    """

    def __init__(
        self,
        envelope: Envelope,
        run: Callable[[], tuple[Metadata, list[Issue], list[Statement]]],
        is_handled: bool = True,
    ) -> None:
        self.envelope = envelope
        self.run = run
        self.is_handled = is_handled


class Deposed(Exception):
    """The checkpoint moved under us: another reader has taken over."""


class StoreReplaced(Exception):
    """The feed comes from another store than the checkpoint; its positions mean nothing here."""


class EffectStore(Protocol):
    """Where effects, inbox, checkpoint and watermark live together."""

    async def take_up(self, subscription: str, partition: str) -> Taken:
        """Read the checkpoint, or begin one."""
        ...

    async def expect(self, subscription: str, partitions: Sequence[str]) -> None:
        """Count partitions that were never read as never fresh.

        Without it a subscription whose other readers have not begun would look fresh.
        """
        ...

    async def commit(
        self,
        taken: Taken,
        effects: Sequence[Effect],
        upto: Position,
        fresh_as_of: datetime | None,
    ) -> Taken:
        """Write the effects of a page, its inbox rows and the checkpoint in one transaction.

        The checkpoint moves to `upto`.

        Raises:
            Deposed: the checkpoint is no longer where `taken` says.
            ConcurrencyConflict: a stream moved; nothing was written.
        """
        ...

    async def park(
        self,
        taken: Taken,
        parking: tuple[Envelope, Failure],
        upto: Position,
        fresh_as_of: datetime | None,
    ) -> Taken:
        """Set an event aside with its error and move on, to `upto`.

        Raises:
            Deposed: the checkpoint is no longer where `taken` says.
        """
        ...

    async def resolve(self, parked: ParkedEvent, effect: Effect) -> None:
        """End the parking of an event in one transaction with its effects and who asked for it.

        One that was ordered to be discarded has no effects.

        Raises:
            Deposed: it is no longer parked as it was, or not the first of its keys.
            NotDiscardable: the archive takes every event.
            ConcurrencyConflict: a stream moved; nothing was written.
        """
        ...

    async def keep_parked(self, parked: ParkedEvent, failure: Failure) -> None:
        """Note why an event stays parked; `attempts` in all. Its order has been carried out."""
        ...

    async def mark_fresh(self, taken: Taken, upto: Position, fresh_as_of: datetime | None) -> Taken:
        """Note that a page held no event, and that nothing before an instant is missing.

        The checkpoint may stay behind `upto`: what lies between holds no event.
        """
        ...

    async def accept_epoch(self, taken: Taken, epoch: str) -> Taken:
        """Bind a new checkpoint to the feed's store.

        Raises:
            StoreReplaced: the checkpoint is bound to another one.
        """
        ...
