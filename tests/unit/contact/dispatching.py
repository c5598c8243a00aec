"""A dispatch over in-memory ports that can be killed, or held up, at any await."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

from services.contact.attempts import domain as attempts
from services.contact.attempts.dispatch import EmailDispatch, Letter, Sending
from services.contact.attempts.domain import commands
from services.contact.permit_client import Objection, Redemption
from shared.eventstore.memory import MemoryEventStore
from shared.eventstore.store import Batch, Idempotency, LoadedStream, Metadata, Reading
from shared.eventstore.transact import Context, Issue, Transactor, rebuild
from shared.kernel.decider import StreamOf
from shared.kernel.ids import encode
from tests.unit.contact.samples import ATTEMPT, EMAIL, NOON, permit

TENANT = "agy_1"
T = TypeVar("T")
When = Literal["before", "after"]


class Killed(BaseException):
    """The process is gone; nothing after this point happens."""


class Fuse:
    """Counts awaits, and kills at one of them: before its effect, or after it and unheard."""

    def __init__(self, at: int = 0, when: When = "before") -> None:
        self.passed = 0
        self._at = at
        self._when = when
        self.held: asyncio.Event | None = None
        self.reached = asyncio.Event()

    async def through(self, effect: Callable[[], Awaitable[T]]) -> T:
        self.passed += 1
        is_here = self.passed == self._at
        if is_here and self._when == "before":
            await self._here()
        done = await effect()
        if is_here and self._when == "after":
            await self._here()
        return done

    async def _here(self) -> None:
        if self.held is None:
            raise Killed
        self.reached.set()
        await self.held.wait()


class CountingIds:
    def __init__(self) -> None:
        self._count = 0

    def new(self, prefix: str) -> str:
        self._count += 1
        return encode(prefix, self._count.to_bytes(16, "big"))


class FusedStore:
    """The memory store, each of whose calls is an await that can be killed."""

    def __init__(self, store: MemoryEventStore, fuse: Fuse) -> None:
        self._store = store
        self._fuse = fuse

    async def load(
        self,
        tenant: str,
        streams: Sequence[str | StreamOf],
        *,
        idempotency: Idempotency | None = None,
        parked_key: str | None = None,
    ) -> Reading:
        return await self._fuse.through(lambda: self._store.load(tenant, streams))

    async def find(
        self, tenant: str, names: Sequence[tuple[str, str]]
    ) -> dict[tuple[str, str], str]:
        return await self._fuse.through(lambda: self._store.find(tenant, names))

    async def append(self, tenant: str, batch: Batch) -> None:
        await self._fuse.through(lambda: self._store.append(tenant, batch))


class MemoryLog:
    """The attempt log over the memory store, through the real decider."""

    def __init__(self, store: Any, ids: CountingIds) -> None:
        self._store = store
        self._transactor = Transactor(store, ids)

    async def find(self, attempt_id: str) -> attempts.Attempt:
        stream = attempts.stream(attempt_id)
        reading = await self._store.load(TENANT, [stream])
        loaded = reading.streams.get(stream, LoadedStream())
        attempt: attempts.Attempt = rebuild(attempts.ATTEMPTS, loaded)
        return attempt

    async def start(self, attempt_id: str, dispatch_id: str) -> None:
        await self._decide(
            attempt_id,
            lambda moment: commands.StartDispatch(
                dispatch_id=dispatch_id, channel="email", now=moment.now
            ),
        )

    async def refuse(self, attempt_id: str, dispatch_id: str, rules: tuple[str, ...]) -> None:
        await self._decide(
            attempt_id,
            lambda moment: commands.RefuseDispatch(
                dispatch_id=dispatch_id, rules=rules, now=moment.now
            ),
        )

    async def conclude(self, attempt_id: str, outcome: str, started_at: datetime | None) -> None:
        await self._decide(
            attempt_id,
            lambda moment: commands.ConcludeAttempt(
                outcome=outcome, started_at=started_at, reported_by="test", now=moment.now
            ),
        )

    async def give_up(self, attempt_id: str) -> None:
        await self._decide(
            attempt_id,
            lambda moment: commands.CancelAttempt(reason="person_erased", now=moment.now),
        )

    async def permit(self) -> None:
        await self._decide(ATTEMPT, lambda moment: permit(EMAIL))

    async def _decide(self, attempt_id: str, command: Any) -> None:
        stream = attempts.stream(attempt_id)
        issue = Issue(stream=stream, decider=attempts.ATTEMPTS, command=command)
        metadata = Metadata(actor="test", correlation_id="test")
        await self._transactor.transact(Context(tenant=TENANT, metadata=metadata), [issue])


class SingleUseGate:
    """Compliance's promise: one redemption of one permit, and a repeat that says it is one."""

    def __init__(self) -> None:
        self.used_by: str | None = None
        self.objection: Objection | None = None
        self.failure: Exception | None = None

    async def redeem(self, dispatch_id: str) -> Redemption:
        if self.failure is not None:
            raise self.failure
        if self.used_by is not None and self.used_by != dispatch_id:
            return Redemption(is_redeemed=False, objections=(objection("permit-used"),))
        if self.objection is not None:
            return Redemption(is_redeemed=False, objections=(self.objection,))
        is_replayed = self.used_by == dispatch_id
        self.used_by = dispatch_id
        return Redemption(
            is_redeemed=True,
            is_replayed=is_replayed,
            redeemed_at=NOON,
            dispatch_before=NOON + timedelta(seconds=10),
        )


class World:
    """What outlives a killed process: the store, compliance, and the mail that went out."""

    def __init__(self) -> None:
        self.store = MemoryEventStore(lambda: NOON)
        self.gate = SingleUseGate()
        self.sent: list[Letter] = []
        self.sending: Sending = "sent"
        self.is_erased = False
        self.seconds = 0.0
        self.slowness_s = 0.0
        self.ids = CountingIds()

    async def permit(self) -> None:
        await MemoryLog(self.store, self.ids).permit()

    async def attempt(self) -> attempts.Attempt:
        return await MemoryLog(self.store, self.ids).find(ATTEMPT)

    def dispatch(self, fuse: Fuse) -> "Process":
        return Process(self, fuse)


class Process:
    """One process that works on the job until it is done or killed."""

    def __init__(self, world: World, fuse: Fuse) -> None:
        self._world = world
        self._fuse = fuse

    async def run(self) -> None:
        log = MemoryLog(FusedStore(self._world.store, self._fuse), self._world.ids)
        dispatch = EmailDispatch(
            log=log, gate=self, desk=self, mailer=self, timer=lambda: self._world.seconds
        )
        await dispatch.run(ATTEMPT, self._world.ids.new("req"))

    async def redeem(self, attempt: attempts.Attempt, dispatch_id: str) -> Redemption:
        self._world.seconds += self._world.slowness_s
        return await self._fuse.through(lambda: self._world.gate.redeem(dispatch_id))

    async def open(self, attempt: attempts.Attempt) -> Letter | None:
        async def opened() -> Letter | None:
            if self._world.is_erased:
                return None
            return Letter(
                message_id=attempt.attempt_id, recipient="a@example.org", subject="s", body="b"
            )

        return await self._fuse.through(opened)

    async def send(self, letter: Letter, *, begin_within_s: float) -> Sending:
        async def handed_over() -> Sending:
            if self._world.sending in ("sent", "unknown"):
                self._world.sent.append(letter)
            return self._world.sending

        return await self._fuse.through(handed_over)


def objection(rule: str) -> Objection:
    return Objection(rule=rule, law="", citation="", explanation="", facts={}, verdict="deny")
