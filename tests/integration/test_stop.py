"""After "stop" is effective nothing more is redeemed, whatever was permitted before.

Stops and redeems race on the real store: for each consumer a stop is told while its permits are
being redeemed. Whatever began after the stop was answered must be refused, and in the gate's own
stream no redeem may follow the fact.
"""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import asyncpg
import msgspec
import pytest

from services.compliance.permits.domain import commands
from services.compliance.rules import facts
from shared.eventstore.transact import Transactor
from shared.kernel.clock import RandomIds
from tests.databases import Server
from tests.gates import Person
from tests.integration.side import Side
from tests.system import TENANT, running

pytestmark = pytest.mark.integration

NOON = datetime(2026, 6, 10, 18, tzinfo=UTC)
CONSUMERS = 20
PERMITS_EACH = 4


def _stop(person: Person, by: str) -> facts.Fact:
    match by:
        case "cease":
            return facts.CeaseNotice(received_at=NOON)
        case "attorney":
            return facts.AttorneyRetained(received_at=NOON)
        case "dispute":
            return facts.Dispute(account_id=person.account_id, in_writing=True, received_at=NOON)
        case _:
            return facts.OptOut(received_at=NOON, contact_point_id=person.contact_point_id)


async def _race(side: Side, person: Person, by: str, chance: random.Random) -> None:
    permits = [
        (await side.call("POST", "/permits", person.body))["id"] for _ in range(PERMITS_EACH)
    ]
    effective_at = asyncio.get_running_loop().create_future()

    async def redeem(permit_id: str, after_s: float) -> tuple[float, bool]:
        await asyncio.sleep(after_s)
        began = asyncio.get_running_loop().time()
        answer = await side.call("POST", f"/permits/{permit_id}/redeem", person.body)
        return began, answer["is_redeemed"]

    async def stop(after_s: float) -> None:
        await asyncio.sleep(after_s)
        body = {
            "consumer_id": person.consumer_id,
            "source_stream": f"contact-{person.consumer_id}",
            "source_version": 1,
            "fact": msgspec.to_builtins(_stop(person, by)),
        }
        answer = await side.call("PUT", f"/protective-facts/{RandomIds().new('fact')}", body)
        assert answer["effective"] is True
        effective_at.set_result(asyncio.get_running_loop().time())

    results, _ = await asyncio.gather(
        asyncio.gather(*(redeem(each, chance.uniform(0, 0.2)) for each in permits[:-1])),
        stop(chance.uniform(0, 0.15)),
    )
    late = await redeem(permits[-1], 0)
    for began, is_redeemed in [*results, late]:
        assert not (is_redeemed and began >= effective_at.result()), "redeemed after the stop"
    assert late[1] is False


@pytest.mark.parametrize("by", ["cease", "attorney", "dispute", "opt-out"])
async def test_no_redeem_succeeds_after_the_stop_is_effective(
    postgres_server: Server, by: str
) -> None:
    async with running(postgres_server, "compliance") as system:
        await system.set_clock(TENANT, NOON)
        transactor = Transactor(
            system.services["compliance"].app.api.state.foundation.store, RandomIds()
        )
        people = [Person(TENANT) for _ in range(CONSUMERS)]
        for person in people:
            known: list[commands.Command] = person.known(NOON - timedelta(days=1))
            await person.live(transactor, known)
        await asyncio.sleep(1)  # first watermarks
        side = Side(system)
        chance = random.Random(7)
        await asyncio.gather(*(_race(side, person, by, chance) for person in people))
        await side.close()
        await _refuse_redeems_after_facts(system.databases["compliance"].admin)


async def _refuse_redeems_after_facts(url: str) -> None:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(
        "SELECT r.stream FROM events r JOIN events f USING (tenant_id, stream)"
        " WHERE r.type = 'forbear.compliance.permit-redeemed.v1'"
        " AND f.type = 'forbear.compliance.fact-recorded.v1'"
        " AND convert_from(f.data, 'UTF8')::jsonb ->> 'source_stream' LIKE 'contact-%'"
        " AND r.version > f.version"
    )
    redeemed = await connection.fetchval(
        "SELECT count(*) FROM events WHERE type = 'forbear.compliance.permit-redeemed.v1'"
    )
    await connection.close()
    assert rows == []
    assert redeemed > 0, "the race never let a redeem win: it proves nothing"
