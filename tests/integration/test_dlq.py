"""What cannot be handled stops the contacts of its consumer, until a person says how to go on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from services.command.administration import opened as stores_opened
from services.compliance.audit.verification import Verifier
from tests.databases import SERVICES, Server
from tests.integration.contact.office import Office, Person, opened
from tests.integration.shell import Shell
from tests.system import TENANT

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

FACTS = "compliance-facts-from-ledger"


class Agency:
    """An agency, what an operator types, and ways to break the gates' knowledge of an account."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.shell = Shell(office.system.databases)

    async def parked(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.shell.json("dlq list")
        return found

    async def compliance(self, statement: str) -> Any:
        owner = await asyncpg.connect(self.office.system.databases["compliance"].owner)
        try:
            return await owner.fetch(statement)
        finally:
            await owner.close()

    async def break_for(self, person: Person) -> None:
        """Let no more of the account's events be applied."""
        await self.compliance(
            "ALTER TABLE applied_streams ADD CONSTRAINT planted"
            f" CHECK (stream <> 'account-{person.account_id}') NOT VALID"
        )

    async def mend(self) -> None:
        await self.compliance("ALTER TABLE applied_streams DROP CONSTRAINT IF EXISTS planted")

    async def pay(self, person: Person) -> None:
        body = {
            "amount_minor": 1_000,
            "currency": "USD",
            "received_by": "agency",
            "instrument": "ach",
        }
        paid = await self.office.post("ledger", f"/accounts/{person.account_id}/payments", body)
        assert paid.status_code == 201, paid.text

    async def stopped(self, payments: int) -> tuple[Person, str]:
        """Return a person of whom so many payments could not be handled, and the first one's id."""
        person = await self.office.place()
        await person.permitted("email")
        await self.break_for(person)
        for _ in range(payments):
            await self.pay(person)

        async def all_are_parked() -> bool:
            return [each["behind"] for each in await self.parked()] == [payments - 1]

        await self.office.until(all_are_parked)
        (head,) = await self.parked()
        return person, head["event_id"]

    async def applied(self, person: Person) -> int:
        """Return up to which version the gates know the account."""
        (row,) = await self.compliance(
            f"SELECT version FROM applied_streams WHERE stream = 'account-{person.account_id}'"
        )
        return int(row["version"])


@asynccontextmanager
async def agency_opened(server: Server, **settings: Any) -> AsyncIterator[Agency]:
    async with opened(server, **settings) as office:
        yield Agency(office)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def open_agency(postgres_server: Server) -> AsyncIterator[Agency]:
    async with agency_opened(postgres_server) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def agency(open_agency: Agency) -> AsyncIterator[Agency]:
    """Return the agency; whatever a test left broken is mended."""
    yield open_agency
    await open_agency.mend()
    await open_agency.shell.run("dlq retry --all --by", "the test")


async def rules(person: Person) -> list[str]:
    """Return what objects to an e-mail, of which there may be any number."""
    answer = (await person.attempt("email")).json()
    return [each["rule"] for each in answer["objections"]]


async def test_a_parked_event_stops_its_consumer_and_nobody_else(agency: Agency) -> None:
    other = await agency.office.place()
    person, event_id = await agency.stopped(payments=3)
    assert await rules(person) == ["facts-parked"]
    await other.permitted("email")

    (head,) = await agency.parked()
    assert (head["service"], head["subscription"]) == ("compliance", FACTS)
    assert head["error"] == "CheckViolationError"
    assert (head["attempts"], head["behind"], head["ordered"]) == (5, 2, None)
    assert person.consumer_id in head["keys"]
    said = (await agency.shell.run("dlq list")).stdout
    assert event_id in said
    assert "forbear.ledger.payment-recorded.v1" in said


async def test_show_tells_everything_but_the_data(agency: Agency) -> None:
    person, event_id = await agency.stopped(payments=2)
    (shown,) = await agency.shell.json(f"dlq show {event_id}")
    ledger = await asyncpg.connect(agency.office.system.databases["ledger"].owner)
    row = await ledger.fetchrow(
        "SELECT stream, version, encode(sha256(data), 'hex') AS digest, length(data) AS size"
        " FROM events WHERE event_id = $1",
        event_id,
    )
    await ledger.close()
    assert (shown["source"], shown["stream"], shown["version"]) == (
        "ledger",
        row["stream"],
        row["version"],
    )
    assert (shown["data_sha256"], shown["data_bytes"]) == (row["digest"], row["size"])
    assert shown["actor"].startswith("key_")
    (waits,) = shown["behind_it"]
    (behind,) = await agency.shell.json(f"dlq show {waits}")
    assert (behind["error"], behind["waits_behind"]) == ("behind-a-parked-event", [event_id])
    said = (await agency.shell.run(f"dlq show {event_id}")).stdout
    assert person.consumer_id in said
    assert "amount_minor" not in said


async def test_retried_once_mended_it_is_handled_and_permits_return(agency: Agency) -> None:
    person, event_id = await agency.stopped(payments=3)
    before = await agency.applied(person)
    failed = await agency.shell.run(f"dlq retry {event_id} --by", "Grace Hopper")
    assert failed.exit_code == 1
    assert "stays parked with CheckViolationError, 10 tries in all; 2 wait behind" in failed.stdout
    await agency.mend()
    done = await agency.shell.run(f"dlq retry {event_id} --by", "Grace Hopper")
    assert done.exit_code == 0, done.output
    assert f"{event_id} in {FACTS}: handled, and 2 that waited behind it" in done.stdout
    assert await agency.parked() == []
    assert await agency.applied(person) > before
    await person.permitted("email")


async def test_everything_is_retried_with_one_word(agency: Agency) -> None:
    person, _ = await agency.stopped(payments=1)
    await agency.mend()
    done = await agency.shell.run("dlq retry --all --tenant", TENANT, "--by", "Grace Hopper")
    assert done.exit_code == 0, done.output
    await person.permitted("email")
    nothing = await agency.shell.run("dlq retry --all --by", "Grace Hopper")
    assert (nothing.exit_code, nothing.stdout) == (0, "There was nothing to do.\n")


async def test_discarded_it_has_no_effect_and_the_audit_log_says_who_and_why(
    agency: Agency,
) -> None:
    person, event_id = await agency.stopped(payments=2)
    await agency.mend()
    reason = "paid twice, and entered by hand"
    done = await agency.shell.run(
        f"dlq discard {event_id} --by", "Grace Hopper", "--reason", reason
    )
    assert done.exit_code == 0, done.output
    assert "discarded, and 1 that waited behind it were handled" in done.stdout
    await person.permitted("email")
    (row,) = await agency.compliance(
        "SELECT convert_from(data, 'UTF8')::jsonb AS data, stream FROM events"
        f" WHERE stream = 'parked-{FACTS}-{event_id}'"
    )
    assert reason in row["data"]
    assert "Grace Hopper" in row["data"]

    async def is_entered() -> bool:
        return bool(
            await agency.compliance(f"SELECT FROM audit_entries WHERE stream = '{row['stream']}'")
        )

    await agency.office.until(is_entered)
    urls = {each: agency.office.system.databases[each].owner for each in SERVICES}
    async with stores_opened(urls) as stores:
        key = agency.office.system.keys.signing["audit"].public_key()
        connections = {each: stores.of(each) for each in SERVICES}
        assert (await Verifier(connections, [key]).verify(TENANT)).bad is None


@pytest.mark.parametrize(
    ("line", "words", "said"),
    [
        ("dlq retry {waits} --by", ["me"], "waits behind {event_id}: settle that first"),
        ("dlq retry --by", ["me"], "Say which event, or --all"),
        ("dlq retry {event_id} --by", [" "], "--by is your name"),
        ("dlq discard {event_id} --by me --reason", [" "], "Say in --reason why"),
        ("dlq show", ["evt_nowhere"], "is not parked"),
        ("dlq list --service", ["nobody"], "There is no service"),
    ],
)
async def test_refuses_what_makes_no_sense(
    agency: Agency, line: str, words: list[str], said: str
) -> None:
    if not await agency.parked():
        await agency.stopped(payments=2)
    (head,) = await agency.parked()
    (shown,) = await agency.shell.json(f"dlq show {head['event_id']}")
    names = {"event_id": head["event_id"], "waits": shown["behind_it"][0]}
    refused = await agency.shell.run(line.format(**names), *words)
    assert refused.exit_code == 2
    assert said.format(**names) in refused.stderr


async def test_an_order_that_nobody_takes_up_stands(agency: Agency) -> None:
    _, event_id = await agency.stopped(payments=1)
    await agency.office.system.services["compliance"].stop()
    waiting = await agency.shell.run(f"dlq retry {event_id} --timeout 0 --by", "Grace Hopper")
    assert waiting.exit_code == 1
    assert "not taken up yet. The order stands. Is compliance running?" in waiting.stdout
    (head,) = await agency.parked()
    assert head["ordered"] == "retry"
    await agency.mend()
    await agency.office.system.services["compliance"].start()

    async def is_settled() -> bool:
        return await agency.parked() == []

    await agency.office.until(is_settled)


async def test_what_was_parked_before_copies_were_kept_can_be_discarded_only(
    agency: Agency,
) -> None:
    for number, error in ((1, "KeyError"), (2, "behind-a-parked-event")):
        await agency.compliance(
            "INSERT INTO parked_events (tenant_id, subscription, key, partition, transaction_id,"
            " position, stream, version, event_id, type, error)"
            f" VALUES ('{TENANT}', '{FACTS}', 'cns_1', '0', '5', {number}, 's', {number},"
            f" 'evt_old{number}', 'a.type.v1', '{error}')"
        )
    refused = await agency.shell.run("dlq retry evt_old1 --by", "Grace Hopper")
    assert refused.exit_code == 2
    assert "kept no copy" in refused.stderr
    line = "dlq discard {0} --by me --reason"
    done = await agency.shell.run(line.format("evt_old1"), "its effect was made by hand")
    assert done.exit_code == 1
    assert (
        "discarded. Of 1 that waited behind it, evt_old2 can only be discarded too" in done.stdout
    )
    done = await agency.shell.run(line.format("evt_old2"), "so was this one's")
    assert done.exit_code == 0, done.output
    assert await agency.parked() == []


async def test_the_audit_log_lets_nothing_be_left_out(agency: Agency) -> None:
    person = await agency.office.place()
    await agency.compliance(
        "ALTER TABLE audit_entries ADD CONSTRAINT planted"
        f" CHECK (stream <> 'account-{person.account_id}') NOT VALID"
    )
    await agency.pay(person)

    async def is_parked() -> bool:
        return bool(await agency.parked())

    await agency.office.until(is_parked)
    (head,) = await agency.parked()
    refused = await agency.shell.run(
        f"dlq discard {head['event_id']} --by me --reason", "it is in the way"
    )
    assert refused.exit_code == 2
    assert "The audit log takes every event" in refused.stderr
    await agency.compliance("ALTER TABLE audit_entries DROP CONSTRAINT planted")
    done = await agency.shell.run(f"dlq retry {head['event_id']} --by", "Grace Hopper")
    assert done.exit_code == 0, done.output
