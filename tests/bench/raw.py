"""Permits decided and stored without HTTP: what one process makes of requests at the same time.

Everything else is on: the whole rulebook, row-level security, an idempotency key and an answer for
each, the guards of licences and address, and the audit event.
"""

import itertools
import random
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from services.command.serve import settle_memory
from services.compliance.books.shelves import OneBook
from services.compliance.permits.asking import Asking, Basis
from services.compliance.permits.bodies import ContactBody, DecisionAnswer
from services.compliance.permits.domain import GATES, stream
from services.compliance.permits.requesting import decision_of
from shared.eventstore.postgres import PostgresEventStore, open_pool
from shared.eventstore.store import Answer, Idempotency
from shared.eventstore.transact import Context, Issue, Outcome, Transactor
from shared.kernel.clock import RandomIds
from shared.location.zones import data_version
from shared.postgres.programs import ServerUnavailable, client_program
from tests.bench import counted, sliding_window
from tests.bench.windows import Done, Meter, Rounds, Variant, interleave
from tests.bench.workers import at_once
from tests.databases import Database
from tests.gates import BOOK, METADATA, Person

AT_ONCE = 32
PROCESSES = 2
POOL_SIZE = 10
_IDS = RandomIds()
BASIS = Basis(
    books=OneBook(BOOK), tz_version=data_version(), upstream=(), staleness=timedelta(seconds=5)
)


@dataclass(frozen=True)
class Raw:
    """The windows, and what stood for pgbench and Redis; None where it was not measured."""

    rounds: Rounds
    function: str
    has_redis: bool


class Asker:
    """Asks for one person after another."""

    def __init__(self, transactor: Transactor, people: Sequence[Person]) -> None:
        self._transactor = transactor
        self._people = itertools.cycle(people)

    async def ask(self, worker: int = 0) -> None:
        """Ask once, under a key of its own."""
        await requested(self._transactor, next(self._people))


async def requested(transactor: Transactor, person: Person) -> Outcome:
    """Ask for leave to call, as a route does."""
    body = ContactBody.model_validate(person.body)
    asking = Asking(person.tenant, body.request(), BASIS, ())
    permit_id = _IDS.new("prm")
    issue = Issue(
        stream=stream(person.consumer_id),
        decider=GATES,
        command=lambda moment: asking.permit(moment, permit_id),
    )
    key = Idempotency(scope="bench", key=permit_id, fingerprint="0" * 64)
    return await transactor.transact(
        Context(tenant=person.tenant, metadata=METADATA, idempotency=key),
        [issue],
        answer=_answer,
        guards=asking.guards,
        parked_key=person.consumer_id,
    )


def _answer(outcome: Outcome) -> Answer:
    body = DecisionAnswer.of(decision_of(outcome)).model_dump_json().encode()
    return Answer(status=201, body=body)


async def measure(
    database: Database,
    beside: Database,
    people: Sequence[Person],
    hot: Sequence[Person],
    meters: Mapping[str, Meter],
    rounds: int,
    chance: random.Random,
) -> Raw:
    """Run the windows; `beside` is where the others keep their tables."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="forbear-bench-")))
        pools = [await open_pool(database.app, size_max=POOL_SIZE) for _ in range(PROCESSES)]
        for each in pools:
            stack.push_async_callback(each.close)
        transactors = [
            Transactor(PostgresEventStore(each, wake=lambda: None), _IDS) for each in pools
        ]
        others = await stack.enter_async_context(counted.prepared(beside, AT_ONCE))
        redis = await stack.enter_async_context(sliding_window.served(AT_ONCE, chance))
        asker = Asker(transactors[0], people)
        contenders = [Asker(each, hot) for each in transactors]
        naive, plain = counted.Naive(others, chance), counted.Prepared(others, chance)
        pgbench = counted.Pgbench(beside.owner, AT_ONCE, folder) if _has_pgbench() else None

        async def contend(until: float) -> Done:
            return await at_once(
                AT_ONCE, until, lambda worker: contenders[worker % PROCESSES].ask(worker)
            )

        variants = [
            Variant("raw", lambda until: at_once(AT_ONCE, until, asker.ask)),
            Variant("hot", contend),
            Variant("naive", lambda until: at_once(AT_ONCE, until, naive.ask)),
            Variant("function-loop", lambda until: at_once(AT_ONCE, until, plain.ask)),
        ]
        if pgbench:
            variants.append(Variant("function", pgbench.run))
        if redis:
            variants.append(Variant("redis", lambda until: at_once(AT_ONCE, until, redis.ask)))
        settle_memory()  # as where services are served; all variants run in this process
        measured = await interleave(variants, meters, rounds, chance)
    return Raw(
        rounds=measured,
        function="function" if pgbench else "function-loop",
        has_redis=redis is not None,
    )


def _has_pgbench() -> bool:
    try:
        client_program("pgbench")
    except ServerUnavailable:
        return False
    return True
