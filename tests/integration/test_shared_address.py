"""One person's opt-out of an address stops everybody who has it, whatever was permitted before.

Two consumers share an address: the same keyed digest under different contact points. While one's
permits are asked for and redeemed through two services over the same database, the other opts the
address out. The two never meet in a gate; only the address's own stream stands between them.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import asyncpg
import msgspec
import pytest

from services.compliance.permits.domain import commands
from services.compliance.points import domain as points
from services.compliance.rules import facts
from shared.eventstore.transact import Transactor
from shared.kernel.clock import RandomIds
from shared.kernel.records import record, replace
from tests.databases import Server
from tests.gates import Person
from tests.integration.side import Side
from tests.system import TENANT, Keys, System

pytestmark = pytest.mark.integration

NOON = datetime(2026, 6, 10, 18, tzinfo=UTC)  # 13:00 in Chicago, a Wednesday
PAIRS = 100
AT_ONCE = 8
PERMITS_BEFORE = 5
PERMITS_DURING = 2  # with those before, all the calls that a week allows
OPT_OUT_S_MAX = 0.06  # redeems of a pair go on for about this long


@record
class Pair:
    """Two consumers with one address between them."""

    opting_out: Person
    other: Person
    digest: str


def _pair() -> Pair:
    opting_out, other = Person(TENANT), Person(TENANT)
    return Pair(
        opting_out=opting_out,
        other=other,
        digest=sha256(opting_out.contact_point_id.encode()).hexdigest(),
    )


def _known(person: Person, digest: str) -> list[commands.Command]:
    """Return what makes a person callable at the shared address."""

    def shared(command: commands.Command) -> commands.Command:
        if isinstance(command, commands.RecordFact) and isinstance(
            command.fact, facts.ContactPointKnown
        ):
            return replace(command, fact=replace(command.fact, digest=digest))
        return command

    return [shared(each) for each in person.known(NOON - timedelta(days=1))]


@asynccontextmanager
async def _two_services(server: Server) -> AsyncIterator[tuple[System, System]]:
    """Run compliance twice over one database; the two share nothing else."""
    async with server.databases() as databases:
        keys = Keys()
        systems = (System(databases, keys), System(databases, keys))
        try:
            for each in systems:
                await each.start(["compliance"])
            yield systems
        finally:
            for each in systems:
                await each.stop()


class Redeemed:
    """What the callers were told about one pair."""

    def __init__(self) -> None:
        self.effective_at = float("inf")
        self.too_late: list[str] = []
        self.refused_after = 0


async def _race(sides: tuple[Side, Side], pair: Pair, chance: random.Random) -> Redeemed:
    told = Redeemed()
    clock = asyncio.get_running_loop().time
    other = pair.other
    permits = [
        (await sides[n % 2].call("POST", "/permits", other.body))["id"]
        for n in range(PERMITS_BEFORE)
    ]
    kept = permits.pop()  # granted before the opt-out, redeemed after it

    async def redeem(side: Side, permit_id: str) -> None:
        began = clock()
        answer = await side.redeem(permit_id, other.body)
        if began < told.effective_at:
            return
        if answer["is_redeemed"]:
            told.too_late.append(permit_id)
        assert "opted-out-address" in [each["rule"] for each in answer["objections"]]
        told.refused_after += 1

    async def redeem_all(side: Side, those: list[str]) -> None:
        for permit_id in those:
            await asyncio.sleep(chance.uniform(0, OPT_OUT_S_MAX / 6))
            await redeem(side, permit_id)

    async def ask(side: Side) -> None:
        await asyncio.sleep(chance.uniform(0, OPT_OUT_S_MAX))
        answer = await side.call("POST", "/permits", other.body)
        if answer["decision"] == "permit":
            await redeem(side, answer["id"])

    async def opt_out(side: Side) -> None:
        await asyncio.sleep(chance.uniform(0, OPT_OUT_S_MAX))
        person = pair.opting_out
        body = {
            "consumer_id": person.consumer_id,
            "source_stream": f"contact-{person.consumer_id}",
            "source_version": 1,
            "fact": msgspec.to_builtins(
                facts.OptOut(
                    received_at=NOON,
                    contact_point_id=person.contact_point_id,
                    digest=pair.digest,
                )
            ),
        }
        answer = await side.call("PUT", f"/protective-facts/{RandomIds().new('fact')}", body)
        assert answer["effective"] is True
        told.effective_at = clock()

    await asyncio.gather(
        redeem_all(sides[0], permits[::2]),
        redeem_all(sides[1], permits[1::2]),
        *(ask(sides[n % 2]) for n in range(PERMITS_DURING)),
        opt_out(chance.choice(sides)),
    )
    for side in sides:
        await redeem(side, kept)
    assert told.too_late == []
    assert told.refused_after >= len(sides)
    return told


async def test_no_redeem_at_the_address_succeeds_after_anothers_opt_out_is_effective(
    postgres_server: Server,
) -> None:
    async with _two_services(postgres_server) as systems:
        await systems[0].set_clock(TENANT, NOON)
        transactor = Transactor(
            systems[0].services["compliance"].app.api.state.foundation.store, RandomIds()
        )
        pairs = [_pair() for _ in range(PAIRS)]
        for pair in pairs:
            for person in (pair.opting_out, pair.other):
                await person.live(transactor, _known(person, pair.digest))
        await systems[0].heard()
        sides = (Side(systems[0]), Side(systems[1]))
        chance = random.Random(11)
        turns = asyncio.Semaphore(AT_ONCE)

        async def race(pair: Pair) -> None:
            async with turns:
                await _race(sides, pair, chance)

        await asyncio.gather(*(race(pair) for pair in pairs))
        for side in sides:
            await side.close()
        await _nothing_follows_an_opt_out(systems[0].databases["compliance"].admin, pairs)


async def _nothing_follows_an_opt_out(url: str, pairs: list[Pair]) -> None:
    """Look at the log: whoever passed the address's guard had written before it moved.

    A caller cannot see this for a request that began before the opt-out was answered; but a
    transaction is numbered when it first writes, and a redeem writes only while it holds the guard.
    """
    streams = {points.stream(pair.digest): f"gate-{pair.other.consumer_id}" for pair in pairs}
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(
        "SELECT stream, type, transaction_id::text::bigint AS transaction_id FROM events"
        " WHERE type = ANY ($1)",
        [f"forbear.compliance.{name}.v1" for name in (*LEAVE, "point-opted-out")],
    )
    await connection.close()
    written: dict[str, list[tuple[str, int]]] = {}
    for row in rows:
        written.setdefault(row["stream"], []).append((row["type"], row["transaction_id"]))
    followers, before = _followers(streams, written)
    assert followers == []
    assert before > 0, "the race never let a redeem win: it proves nothing"


LEAVE = ("permit-granted", "permit-redeemed")


def _followers(
    streams: dict[str, str], written: dict[str, list[tuple[str, int]]]
) -> tuple[list[Any], int]:
    followers, before = [], 0
    for address, gate in streams.items():
        ((_, opted_out),) = written[address]
        for kind, number in written[gate]:
            if number > opted_out:
                followers.append((gate, kind))
            before += number < opted_out and kind == "forbear.compliance.permit-redeemed.v1"
    return followers, before
