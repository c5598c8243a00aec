"""A lane: requests that come while another call is under way go together in the next one."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from contextvars import Context
from operator import methodcaller
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")
_Entry = tuple[Asked, asyncio.Future[Answered]]


class Lane(Generic[Asked, Answered]):
    """Groups what is asked of something that costs much once and little for each.

    One call is under way at a time, with everything that had come by its beginning and goes
    together: no timer, so a lone request waits for nobody. When a call fails, each of its requests
    is asked alone, beside the next call, so that nobody fails for another and nobody waits for
    what holds one of them up. `fatal` errors are everybody's.

    Args:
        call: answers requests in their order, at most `size_max` of them.
        keys: what a request takes; requests that take the same do not go together.
    """

    def __init__(
        self,
        call: Callable[[Sequence[Asked]], Awaitable[Sequence[Answered]]],
        *,
        size_max: int,
        keys: Callable[[Asked], Iterable[Hashable]],
        fatal: tuple[type[Exception], ...] = (),
    ) -> None:
        self._call = call
        self._size_max = size_max
        self._keys = keys
        self._fatal = fatal
        self._waiting: deque[_Entry[Asked, Answered]] = deque()
        self._running: asyncio.Task[None] | None = None
        self._alone: set[asyncio.Task[None]] = set()

    @property
    def is_idle(self) -> bool:
        """Tell whether nothing is under way and nobody waits."""
        return self._running is None and not self._alone

    async def ask(self, asked: Asked) -> Answered:
        """Return the answer to one request; who is cancelled while waiting is not asked for."""
        answered: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answered))
        if self._running is None:
            # Not in the caller's context: the next call is on behalf of others.
            self._running = asyncio.get_running_loop().create_task(self._run(), context=Context())
        return await answered

    async def _run(self) -> None:
        try:
            while group := self._next_group():
                await self._answer(group)
        finally:
            self._running = None
            for _, answered in self._waiting:  # only if this task was cancelled
                answered.cancel()
            self._waiting.clear()

    def _next_group(self) -> "list[_Entry[Asked, Answered]]":
        group: list[_Entry[Asked, Answered]] = []
        later: list[_Entry[Asked, Answered]] = []
        taken: set[Hashable] = set()
        while self._waiting and len(group) < self._size_max:
            each = self._waiting.popleft()
            if each[1].done():  # its caller has gone
                continue
            keys = set(self._keys(each[0]))
            # Whoever waits holds what he takes against those behind, or would be passed for ever.
            (group if keys.isdisjoint(taken) else later).append(each)
            taken |= keys
        self._waiting.extendleft(reversed(later))
        return group

    async def _answer(self, group: "list[_Entry[Asked, Answered]]") -> None:
        try:
            answers = await self._call([asked for asked, _ in group])
        except Exception as error:  # noqa: BLE001 - raised where it was asked
            if len(group) == 1 or isinstance(error, self._fatal):
                _settle(group, methodcaller("set_exception", error))
                return
        except BaseException:
            _settle(group, methodcaller("cancel"))
            raise
        else:
            by_future = {each[1]: answer for each, answer in zip(group, answers, strict=True)}
            _settle(group, lambda answered: answered.set_result(by_future[answered]))
            return
        for each in group:
            alone = asyncio.get_running_loop().create_task(self._answer([each]))
            self._alone.add(alone)
            alone.add_done_callback(self._alone.discard)


def _settle(
    group: "list[_Entry[Asked, Answered]]", settle: "Callable[[asyncio.Future[Answered]], object]"
) -> None:
    for _, answered in group:
        if not answered.done():  # a caller may have gone meanwhile
            settle(answered)
