"""Takes parked events up again: those a person ordered about, and those that waited behind them.

It runs beside the subscriptions, so that neither waits for the other, and in every process that
has the handlers: what one has settled the next finds gone.
"""

import asyncio
from collections.abc import Sequence

from shared.eventstore.store import StoreUnavailable
from shared.kernel.errors import ConcurrencyConflict
from shared.messaging.effects import Deposed
from shared.messaging.parking import ParkedEvents
from shared.messaging.subscription import Subscription

POLL_S = 0.5


class Resumption:
    """Settles the parked events of a service's subscriptions."""

    def __init__(self, parked: ParkedEvents, subscriptions: Sequence[Subscription]) -> None:
        self._parked = parked
        self._subscriptions = {each.name: each for each in subscriptions}

    async def run(self) -> None:
        """Work until cancelled; a store that is away is waited for."""
        while True:
            try:
                while await self.step():
                    pass
            except StoreUnavailable:
                pass  # said where it was noticed; orders stand
            await asyncio.sleep(POLL_S)

    async def step(self) -> int:
        """Settle what is due now, and return how many events that were.

        Raises:
            StoreUnavailable: no answer.
        """
        settled = 0
        for parked in await self._parked.due(list(self._subscriptions)):
            try:
                await self._subscriptions[parked.subscription].settle(parked)
            except (Deposed, ConcurrencyConflict):
                continue  # if it is still due, it comes again
            settled += 1
        return settled
