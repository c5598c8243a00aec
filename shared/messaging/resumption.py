"""Takes parked events up again: those a person ordered about, and those that waited behind them.

It runs beside the subscriptions, so that neither waits for the other, and in every process that
has the handlers: what one has settled the next finds gone.
"""

import asyncio
from collections.abc import Sequence

from shared.eventstore.store import StoreUnavailable
from shared.kernel.errors import ConcurrencyConflict
from shared.messaging.effects import Deposed
from shared.messaging.parking import ParkedEvent, ParkedEvents
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
        due = await self._parked.due(list(self._subscriptions))
        return sum([await self._take_up(each) for each in due])

    async def _take_up(self, parked: ParkedEvent) -> int:
        """Settle an event and, in order, a page of what waits behind it; count the events.

        It ends with the first that stays parked. What is due after all comes again.
        """
        settle = self._subscriptions[parked.subscription].settle
        settled = 0
        try:
            is_over = await settle(parked)
            settled += 1
            for each in await self._parked.behind(parked) if is_over else ():
                is_over = await settle(each)
                settled += 1
                if not is_over:
                    break
        except (Deposed, ConcurrencyConflict):
            pass
        return settled
