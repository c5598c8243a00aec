"""aiokafka's clients, with three habits mended.

While a partition has no leader they ask for metadata thousands of times a second, and the producer
gives a batch up after a while and sends those behind it. And a consumer whose group fails while it
stops leaves its connections open.
"""

import asyncio
import math
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError

METADATA_PAUSE_S = 0.1


class Producer(AIOKafkaProducer):  # type: ignore[misc]  # aiokafka has no types
    """A producer that asks for metadata at a bounded rate, and passes over no batch."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        _pace(self.client)
        # What is behind a batch must not arrive without it: who sends has a deadline of its own.
        self._message_accumulator._batch_ttl = math.inf


class Consumer(AIOKafkaConsumer):  # type: ignore[misc]
    """A consumer that asks for metadata at a bounded rate, and closes whatever happens."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        _pace(self._client)

    async def stop(self) -> None:
        """Leave the group and close all connections.

        Raises:
            KafkaError: the group failed; the connections are closed nevertheless.
            CancelledError: a task of its own had been cancelled; likewise.
        """
        try:
            await super().stop()
        except (KafkaError, asyncio.CancelledError):
            if self._fetcher:
                await self._fetcher.close()
            await self._client.close()
            raise


def _pace(client: Any) -> None:
    """Put a pause between requests for metadata; who asks meanwhile waits for the next one."""
    ask = client.force_metadata_update
    loop = asyncio.get_running_loop()
    asked_at = 0.0
    answer: asyncio.Future[bool] | None = None

    def paced() -> "asyncio.Future[bool]":
        nonlocal answer
        if answer is None or answer.done():
            answer = loop.create_future()
            loop.call_at(max(loop.time(), asked_at + METADATA_PAUSE_S), begin, answer)
        return asyncio.shield(answer)

    def begin(waiting: "asyncio.Future[bool]") -> None:
        nonlocal asked_at
        asked_at = loop.time()
        ask().add_done_callback(
            lambda done: waiting.set_result(not done.cancelled() and done.result())
        )

    client.force_metadata_update = paced
