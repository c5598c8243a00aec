"""After "stop" is effective nothing more is redeemed, whatever was permitted before.

Stops and redeems race on the real store: for each consumer a stop is told while its permits are
being redeemed. Whatever began after the stop was answered must be refused, and in the gate's own
stream no redeem may follow the fact. And where the stop reaches compliance by neither way, none
succeeds once the promised bound has passed.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest

from services.compliance.permits.domain import commands
from services.compliance.rules import facts
from shared.eventstore.transact import Transactor
from shared.http.compliance_client import HEARING_S_MAX, STALENESS_BOUND_S
from shared.kernel.clock import RandomIds
from tests.databases import Database, Server
from tests.gates import Person
from tests.integration.contact.office import Person as Consumer
from tests.integration.contact.office import opened
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
        answer = await side.redeem(permit_id, person.body)
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
        await system.heard()
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
        " AND f.type = 'forbear.compliance.fact-recorded.v2'"
        " AND convert_from(f.data, 'UTF8')::jsonb ->> 'source_stream' LIKE 'contact-%'"
        " AND r.version > f.version"
    )
    redeemed = await connection.fetchval(
        "SELECT count(*) FROM events WHERE type = 'forbear.compliance.permit-redeemed.v1'"
    )
    await connection.close()
    assert rows == []
    assert redeemed > 0, "the race never let a redeem win: it proves nothing"


PEOPLE_OUT_OF_REACH = 4
REDEEM_AGAIN_S = 0.1
WATCHED_S = 1.5  # how long after the bound redeems are still tried


async def test_with_compliance_unreachable_redeems_end_by_the_bound(
    postgres_server: Server,
) -> None:
    """Contact cannot tell compliance, compliance cannot read contact: it stops on staleness."""
    async with opened(postgres_server) as office:
        side = Side(office.system)
        people = [await office.place() for _ in range(PEOPLE_OUT_OF_REACH)]
        permits = [await _permits(side, person) for person in people]
        databases = office.system.databases
        async with _unreadable(databases["contact"]):
            office.line.is_cut = True
            chance = random.Random(5)
            bounds = await asyncio.gather(
                *(
                    _stopped_by_the_bound(side, person, those, chance)
                    for person, those in zip(people, permits, strict=True)
                )
            )
        await _refuse_redeems_after_bounds(
            databases["compliance"].admin,
            {person.consumer_id: at for person, at in zip(people, bounds, strict=True)},
        )
        # What compliance could not be told it reads once it can; the stop itself binds then.
        person, (*_, unused) = people[0], permits[0]

        async def is_told() -> bool:
            answer = await side.redeem(unused, _intended(person))
            assert not answer["is_redeemed"]
            return "cease-notice" in [each["rule"] for each in answer["objections"]]

        await office.until(is_told)
        await side.close()


def _intended(person: Consumer) -> dict[str, Any]:
    return {
        "consumer_id": person.consumer_id,
        "account_ids": [person.account_id],
        "channel": "call",
        "contact_point_id": person.points["phone"],
        "purpose": "collection",
    }


async def _permits(side: Side, person: Consumer) -> list[str]:
    await person.permitted()  # compliance has heard of the placement
    answers = [await side.call("POST", "/permits", _intended(person)) for _ in range(PERMITS_EACH)]
    assert {each["decision"] for each in answers} == {"permit"}
    return [each["id"] for each in answers]


async def _stopped_by_the_bound(
    side: Side, person: Consumer, permits: list[str], chance: random.Random
) -> datetime:
    """Say stop, go on redeeming until well after the bound, and return the bound."""
    began = datetime.now(UTC)
    heard = await person.say(kind="cease", in_writing=True, medium="letter")
    assert (heard.status_code, heard.json()["effective"]) == (202, False)
    bound = datetime.fromisoformat(heard.json()["effective_by"])
    longest = (bound - began).total_seconds()
    assert longest <= HEARING_S_MAX + STALENESS_BOUND_S

    async def redeem(permit_id: str, after_s: float) -> None:
        await asyncio.sleep(after_s)
        while (now := datetime.now(UTC)) < bound + timedelta(seconds=WATCHED_S):
            answer = await side.redeem(permit_id, _intended(person))
            if answer["is_redeemed"]:
                assert now < bound, "redeemed after the bound"
                return
            if now >= bound:
                assert "facts-stale" in [each["rule"] for each in answer["objections"]]
            await asyncio.sleep(REDEEM_AGAIN_S)

    *early, last = permits
    await asyncio.gather(
        *(redeem(each, chance.uniform(0, longest)) for each in early), redeem(last, longest)
    )
    return bound


@asynccontextmanager
async def _unreadable(database: Database) -> AsyncIterator[None]:
    """Keep everybody from reading a service's feed while the block runs."""
    role = f"{database.service}_feed"
    connection = await asyncpg.connect(database.admin)
    await connection.execute(f"REVOKE SELECT ON events FROM {role}")
    try:
        yield
    finally:
        await connection.execute(f"GRANT SELECT ON events TO {role}")
        await connection.close()


async def _refuse_redeems_after_bounds(url: str, bounds: dict[str, datetime]) -> None:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(
        "SELECT stream, recorded_at FROM events"
        " WHERE type = 'forbear.compliance.permit-redeemed.v1'"
    )
    await connection.close()
    late = [
        row["stream"]
        for row in rows
        if row["recorded_at"] >= bounds[row["stream"].removeprefix("gate-")]
    ]
    assert late == []
    assert rows, "nothing was redeemed before the bound: it proves nothing"


async def test_the_instants_of_a_fact_are_stored_in_utc_whatever_their_offset(
    postgres_server: Server,
) -> None:
    async with running(postgres_server, "compliance") as system:
        side, person = Side(system), Person(TENANT)
        body = {
            "consumer_id": person.consumer_id,
            "source_stream": f"contact-{person.consumer_id}",
            "source_version": 1,
            "fact": {"kind": "cease-notice", "received_at": "2026-06-10T23:30:00+05:30"},
        }
        await side.call("PUT", f"/protective-facts/{RandomIds().new('fact')}", body)
        await side.close()
        connection = await asyncpg.connect(system.databases["compliance"].admin)
        (data,) = await connection.fetchrow(
            "SELECT data FROM events WHERE type = 'forbear.compliance.fact-recorded.v2'"
        )
        await connection.close()
        assert msgspec.json.decode(data)["fact"]["received_at"] == "2026-06-10T18:00:00Z"
