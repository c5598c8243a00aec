"""Letting go of a client: closing takes as long as the brokers do, and nobody waits for that."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from shared.messaging.kafka.connection import CLOSE_S
from shared.telemetry.logging import get_logger

log = get_logger(__name__)

_UNDER_WAY: set["asyncio.Task[None]"] = set()


async def let_go(stop: Coroutine[Any, Any, None], client: str) -> None:
    """Wait a while for a client to stop, and let it go on stopping by itself.

    Cutting it short would leave its connections open, and the tasks that use them running.
    """
    closing = asyncio.create_task(stop, name=f"closing-{client}")
    _UNDER_WAY.add(closing)
    closing.add_done_callback(_forget)
    await asyncio.wait([closing], timeout=CLOSE_S)
    if not closing.done():
        log.info("client-abandoned", client=client)


def _forget(task: "asyncio.Task[None]") -> None:
    _UNDER_WAY.discard(task)
    if not task.cancelled() and (error := task.exception()):
        log.info("client-not-closed", client=task.get_name(), error=error)
