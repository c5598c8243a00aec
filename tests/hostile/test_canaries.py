"""Personal data is nowhere in clear: a person is followed through all four services and looked for.

Looked through are every value of every table of every database, the vault's included, all logs,
spans and metrics, and every answer; found may be the number in the answer to a dispatch, and the
letter at the mail server.
"""

import httpx2
import pytest

from tests.databases import Server
from tests.hostile import life, personal
from tests.hostile.dump import everything_in
from tests.hostile.trail import found_in, listening
from tests.integration.contact.office import opened

pytestmark = pytest.mark.integration


async def test_nothing_personal_is_anywhere_in_clear(postgres_server: Server) -> None:
    with listening() as trail:
        async with opened(postgres_server) as office:
            for client in office.clients.values():
                client.event_hooks = {"response": [trail.keep]}
            person = await life.place(office)
            dispatched = await life.contact(office, person, trail)
            await life.speak(office, person)
            await life.pay(office, person)
            await life.dispute(office, person)
            await life.send_amiss(office, person)
            await life.read(office, person)
            await life.settle(office, person)
            databases = office.system.databases
            held = {
                f"{name}: {place}": values
                for name, database in databases.items()
                for place, values in (await everything_in(database.admin)).items()
            }
            letters = [letter.as_bytes() for letter in office.letters.taken]
        told = trail.told()
    assert found_in(held) == {}
    assert found_in(told) == {}
    assert found_in({name: [content] for name, content in trail.answers}) == {}
    _contains_what_it_should(held, told, letters, dispatched)


def _contains_what_it_should(
    held: dict[str, list[bytes]],
    told: dict[str, list[bytes]],
    letters: list[bytes],
    dispatched: httpx2.Response,
) -> None:
    assert dispatched.json()["to"] == personal.PHONE
    assert personal.EMAIL.encode() in letters[0]
    assert personal.LETTER.encode() in letters[0]
    for service in ("ledger", "contact", "disputes", "compliance"):
        assert len(held[f"{service}: public.events.data"]) >= 3
    assert held["vault: public.subject_keys.wrapped"]
    assert len(told["log"]) > 50
    assert len(told["spans"]) > 50
    assert b"http.server.request.duration" in told["metrics"][0]
