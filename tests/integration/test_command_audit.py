"""The audit log is held against the events, both ways; whatever a superuser did to it is named."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from hashlib import sha256
from typing import Any

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from services.command.cli import app
from services.compliance.audit.leaf import leaf_bytes
from services.compliance.audit.merkle import EMPTY, leaf_hash
from services.compliance.audit.signing import Signer
from services.compliance.audit.sources import Sources
from services.compliance.audit.trail import Trail
from services.compliance.audit.verification import BadRecord, Verification, Verifier
from shared.eventstore.store import StoreUnavailable
from shared.messaging.subscription import Subscription
from tests.databases import HELD_FOR_LONG, SERVICES, Database
from tests.integration.world import Running, open_world
from tests.waiting import until

pytestmark = pytest.mark.integration

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PASSED = "SELECT count(*) FROM audit_entries WHERE tenant_id = $1"
LEAVES = 12


class Log:
    """One tenant's log, and the superuser who tampers with it."""

    def __init__(self, tenant: str, databases: dict[str, Database]) -> None:
        self.tenant = tenant
        self._databases = databases
        self.audits: list[Subscription] = []
        self.services: dict[str, Running] = {}
        self.signer: Signer

    async def entered(self) -> int:
        rows = await self.ask("compliance", PASSED, self.tenant)
        return int(rows[0][0])

    async def archive(self, until_leaves: int) -> None:
        async def is_there() -> bool:
            for each in self.audits:
                await each.step()
            return await self.entered() >= until_leaves

        await until(is_there)

    async def tamper(self, service: str, *statements: str) -> None:
        connection = await asyncpg.connect(self._databases[service].admin)
        async with connection.transaction():
            for each in statements:
                tag = await connection.execute(each.replace("$T", f"'{self.tenant}'"))
                assert tag.split()[-1] != "0", f"nothing changed: {each}"
        await connection.close()

    async def ask(self, service: str, query: str, *arguments: Any) -> list[Any]:
        connection = await asyncpg.connect(self._databases[service].admin)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    async def verify(self) -> Verification:
        connections = {
            service: await asyncpg.connect(self._databases[service].feed) for service in SERVICES
        }
        try:
            return await Verifier(connections, [KEY.public_key()]).verify(self.tenant)
        finally:
            for each in connections.values():
                await each.close()

    async def bad(self) -> BadRecord:
        found = await self.verify()
        assert found.bad is not None
        return found.bad

    async def at(self, leaf: int) -> Any:
        query = "SELECT * FROM audit_entries WHERE tenant_id = $1 AND leaf_index = $2"
        return (await self.ask("compliance", query, self.tenant, leaf))[0]


@pytest.fixture
async def log(databases: dict[str, Database], request: pytest.FixtureRequest) -> AsyncIterator[Log]:
    """A log of twelve leaves from all services, signed at six and at twelve."""
    tenant = "agy_" + sha256(request.node.name.encode()).hexdigest()[:10]
    made = Log(tenant, databases)
    async with open_world(databases) as made.services:
        compliance = made.services["compliance"]
        pool = await asyncpg.create_pool(databases["compliance"].feed, min_size=1, max_size=1)
        made.signer = Signer(compliance.pool, KEY, pool)
        trail = Trail(made.signer.grown)
        made.audits = [
            await compliance.subscription(
                f"compliance-audit-from-{source}", source, (), trail.archive
            )
            for source in SERVICES
        ]
        for leaves in (6, LEAVES):
            for service, stream in (
                ("ledger", "account-1"), ("contact", "attempt-1"), ("ledger", "account-1"),
                ("disputes", "dispute-1"), ("compliance", "gate-1"), ("ledger", "account-2"),
            ):  # fmt: skip
                await made.services[service].tick(tenant, stream)
            await made.archive(leaves)
            await made.signer.step()
        yield made
        await pool.close()


class TestVerify:
    async def test_finds_an_untouched_log_good(self, log: Log) -> None:
        found = await log.verify()
        assert found == Verification(tenant=log.tenant, leaves=LEAVES, checkpoints=2, bad=None)

    async def test_counts_events_on_their_way_without_alarm(self, log: Log) -> None:
        await log.services["ledger"].tick(log.tenant, "account-9")
        found = await log.verify()
        assert (found.is_verified, found.unaudited) == (True, 1)

    async def test_is_not_troubled_by_other_tenants(self, log: Log) -> None:
        await log.services["ledger"].tick("agy_other", "account-1")
        assert (await log.verify()).is_verified

    async def test_knows_every_tenant(self, log: Log, databases: dict[str, Database]) -> None:
        await log.services["disputes"].tick("agy_newcomer", "dispute-1")
        connections = {each: await asyncpg.connect(databases[each].feed) for each in SERVICES}
        known = await Verifier(connections, [KEY.public_key()]).tenants()
        for each in connections.values():
            await each.close()
        assert {log.tenant, "agy_newcomer"} <= set(known)
        assert known == sorted(set(known))


class TestTamperedEvents:
    @pytest.mark.parametrize(
        "change",
        [
            "data = data || ' '",
            "metadata = metadata || ' '",
            "type = 'forbear.test.forged.v1'",
            "occurred_at = occurred_at - interval '1 microsecond'",
            "recorded_at = recorded_at - interval '1 day'",
        ],
    )
    async def test_a_changed_event_is_named(self, log: Log, change: str) -> None:
        await log.tamper(
            "ledger",
            f"UPDATE events SET {change}"
            " WHERE tenant_id = $T AND stream = 'account-1' AND version = 3",
        )
        bad = await log.bad()
        assert (bad.service, bad.stream, bad.version) == ("ledger", "account-1", 3)
        assert bad.problem == "the event and its entry differ"

    async def test_a_dropped_event_is_named(self, log: Log) -> None:
        await log.tamper(
            "contact",
            "DELETE FROM events WHERE tenant_id = $T AND stream = 'attempt-1' AND version = 2",
        )
        bad = await log.bad()
        assert (bad.service, bad.stream, bad.version) == ("contact", "attempt-1", 2)
        assert "dropped" in bad.problem

    async def test_a_swapped_pair_of_events_is_named(self, log: Log) -> None:
        await log.tamper(
            "ledger",
            *(
                f"UPDATE events SET version = {to} WHERE tenant_id = $T"
                f" AND stream = 'account-1' AND version = {now}"
                for now, to in ((2, 99), (3, 2), (99, 3))
            ),
        )
        bad = await log.bad()
        assert (bad.service, bad.stream, bad.version) == ("ledger", "account-1", 2)
        assert "another event" in bad.problem

    async def test_a_swapped_pair_of_contents_is_named(self, log: Log) -> None:
        await log.tamper(
            "ledger",
            "UPDATE events e SET data = o.data FROM events o"
            " WHERE e.tenant_id = $T AND o.tenant_id = $T AND e.stream = 'account-1'"
            " AND o.stream = 'account-1' AND (e.version, o.version) IN ((1, 2), (2, 1))",
        )
        bad = await log.bad()
        assert (bad.stream, bad.version, bad.leaf_index) == ("account-1", 1, 0)

    async def test_a_smuggled_event_is_named(self, log: Log) -> None:
        await log.tamper(
            "ledger",
            "INSERT INTO events (transaction_id, tenant_id, stream, version, event_id, type, data,"
            " metadata, occurred_at) SELECT '1', tenant_id, stream, 77, 'evt_forged', type, data,"
            " metadata, occurred_at FROM events"
            " WHERE tenant_id = $T AND stream = 'account-1' AND version = 1",
        )
        bad = await log.bad()
        assert (bad.service, bad.stream, bad.version) == ("ledger", "account-1", 77)
        assert "never entered" in bad.problem


class TestTamperedEntries:
    async def test_a_dropped_entry_is_named(self, log: Log) -> None:
        dropped = await log.at(4)
        await log.tamper(
            "compliance", "DELETE FROM audit_entries WHERE tenant_id = $T AND leaf_index = 4"
        )
        bad = await log.bad()
        assert (bad.service, bad.stream, bad.version) == (
            dropped["service"], dropped["stream"], dropped["version"],
        )  # fmt: skip
        assert bad.problem == "the entry of leaf 4 is gone"

    async def test_entries_that_moved_up_into_the_gap_are_named(self, log: Log) -> None:
        dropped = await log.at(4)
        await log.tamper(
            "compliance",
            "DELETE FROM audit_entries WHERE tenant_id = $T AND leaf_index = 4",
            *(
                f"UPDATE audit_entries SET leaf_index = {leaf - 1}"
                f" WHERE tenant_id = $T AND leaf_index = {leaf}"
                for leaf in range(5, LEAVES)
            ),
        )
        bad = await log.bad()
        assert bad.leaf_index == 4
        assert "root" in bad.problem
        assert dropped["stream"] != bad.stream or dropped["version"] != bad.version

    async def test_swapped_entries_are_named(self, log: Log) -> None:
        await log.tamper(
            "compliance",
            *(
                f"UPDATE audit_entries SET leaf_index = {to} WHERE tenant_id = $T"
                f" AND leaf_index = {now}"
                for now, to in ((7, 99), (8, 7), (99, 8))
            ),
        )
        bad = await log.bad()
        assert bad.leaf_index == 7
        assert "root" in bad.problem

    async def test_a_rewritten_entry_is_named_by_its_root(self, log: Log) -> None:
        await self._rewrite(log, with_roots=False)
        bad = await log.bad()
        assert (bad.service, bad.stream, bad.version) == ("ledger", "account-1", 2)
        assert "does not lead to this entry's root" in bad.problem

    async def test_a_rewritten_log_is_named_by_the_checkpoint(self, log: Log) -> None:
        await self._rewrite(log, with_roots=True)
        bad = await log.bad()
        assert bad.leaf_index == 5
        assert "leaves 0 to 5 are not all those that were signed" in bad.problem

    async def test_a_rewritten_log_with_a_forged_checkpoint_is_named(self, log: Log) -> None:
        await self._rewrite(log, with_roots=True)
        forger = Signer(log.services["compliance"].pool, Ed25519PrivateKey.generate(), None)
        await log.tamper("compliance", "DELETE FROM audit_checkpoints WHERE tenant_id = $T")
        forger._has_surveyed = True
        forger.grown(log.tenant)
        await forger.step()
        bad = await log.bad()
        assert bad.leaf_index == LEAVES - 1
        assert "unsigned" in bad.problem

    async def test_a_truncated_tail_is_named(self, log: Log) -> None:
        await log.tamper(
            "compliance", "DELETE FROM audit_entries WHERE tenant_id = $T AND leaf_index >= 9"
        )
        bad = await log.bad()
        assert bad.leaf_index == 9
        assert "a checkpoint was signed at 12 leaves" in bad.problem

    async def test_a_truncated_tail_without_its_checkpoint_is_named(self, log: Log) -> None:
        lost = await log.at(LEAVES - 1)
        await log.tamper(
            "compliance",
            "DELETE FROM audit_entries WHERE tenant_id = $T AND leaf_index >= 11",
            "DELETE FROM audit_checkpoints WHERE tenant_id = $T AND size = 12",
        )
        bad = await log.bad()
        assert "12 leaves by its own account" in bad.problem
        assert (bad.service, bad.stream, bad.version) == (
            lost["service"], lost["stream"], lost["version"],
        )  # fmt: skip

    async def test_a_log_wound_back_altogether_is_named(self, log: Log) -> None:
        """Entries, size and checkpoint are gone; that the reader was beyond them is not."""
        frontier = EMPTY.extend([(await log.at(leaf))["leaf_hash"] for leaf in range(8)])
        lost = await log.ask(
            "compliance",
            "SELECT service, stream, version FROM audit_entries WHERE tenant_id = $1"
            " AND leaf_index >= 8",
            log.tenant,
        )
        await log.tamper(
            "compliance",
            "DELETE FROM audit_entries WHERE tenant_id = $T AND leaf_index >= 8",
            "DELETE FROM audit_checkpoints WHERE tenant_id = $T AND size > 8",
            f"UPDATE audit_logs SET size = 8, frontier = '\\x{b''.join(frontier.hashes).hex()}'"
            " WHERE tenant_id = $T",
        )
        bad = await log.bad()
        assert "never entered" in bad.problem
        assert (bad.service, bad.stream, bad.version) in [tuple(row) for row in lost]

    async def test_a_log_that_is_gone_is_named(self, log: Log) -> None:
        await log.tamper(
            "compliance",
            *(
                f"DELETE FROM {table} WHERE tenant_id = $T"
                for table in ("audit_entries", "audit_logs", "audit_checkpoints")
            ),
        )
        assert "never entered" in (await log.bad()).problem

    async def test_a_changed_frontier_is_named(self, log: Log) -> None:
        await log.tamper(
            "compliance",
            "UPDATE audit_logs SET frontier = set_byte(frontier, 0, 255 - get_byte(frontier, 0))"
            " WHERE tenant_id = $T",
        )
        bad = await log.bad()
        assert bad.leaf_index == LEAVES - 1
        assert "frontier" in bad.problem

    async def test_a_changed_checkpoint_is_named(self, log: Log) -> None:
        await log.tamper(
            "compliance",
            "UPDATE audit_checkpoints SET note = replace(note, 'timestamp 20', 'timestamp 19')"
            " WHERE tenant_id = $T AND size = 6",
        )
        bad = await log.bad()
        assert bad.leaf_index == 5
        assert "wrong-signature" in bad.problem

    async def _rewrite(self, log: Log, *, with_roots: bool) -> None:
        """Change an event and recompute its leaf, and all that follows from it if asked."""
        leaf = await _leaf_of(log, "account-1", 2)
        await log.tamper(
            "ledger",
            "UPDATE events SET data = data || ' '"
            " WHERE tenant_id = $T AND stream = 'account-1' AND version = 2",
        )
        forged = await _forged_hash(log, leaf)
        await log.tamper(
            "compliance",
            f"UPDATE audit_entries SET leaf_hash = '\\x{forged.hex()}'"
            f" WHERE tenant_id = $T AND leaf_index = {leaf}",
        )
        if with_roots:
            await _recompute_roots(log)


async def _leaf_of(log: Log, stream: str, version: int) -> int:
    rows = await log.ask(
        "compliance",
        "SELECT leaf_index FROM audit_entries"
        " WHERE tenant_id = $1 AND stream = $2 AND version = $3",
        log.tenant,
        stream,
        version,
    )
    return int(rows[0][0])


async def _forged_hash(log: Log, leaf: int) -> bytes:
    connections = {each: _Asking(log, each) for each in SERVICES}
    row = await log.at(leaf)
    events = await Sources(connections).events_of(log.tenant, [row])
    return leaf_hash(leaf_bytes(events[row["service"], row["stream"], row["version"]]))


class _Asking:
    """Asks one service's database as superuser."""

    def __init__(self, log: Log, service: str) -> None:
        self._log = log
        self._service = service

    async def fetch(self, query: str, *arguments: Any) -> list[Any]:
        return await self._log.ask(self._service, query, *arguments)


async def _recompute_roots(log: Log) -> None:
    frontier = EMPTY
    statements = []
    for leaf in range(LEAVES):
        frontier = frontier.append((await log.at(leaf))["leaf_hash"])
        statements.append(
            f"UPDATE audit_entries SET root_after = '\\x{frontier.root.hex()}'"
            f" WHERE tenant_id = $T AND leaf_index = {leaf}"
        )
    hashes = b"".join(frontier.hashes).hex()
    statements.append(f"UPDATE audit_logs SET frontier = '\\x{hashes}' WHERE tenant_id = $T")
    await log.tamper("compliance", *statements)


class TestSigner:
    async def test_signs_what_grew_while_a_transaction_was_open(self, log: Log) -> None:
        async with log.services["compliance"].pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(HELD_FOR_LONG)
            await connection.execute("SELECT set_config('forbear.tenant', $1, true)", log.tenant)
            log.signer.grown(log.tenant)
            await log.signer.step()
            frontier = EMPTY.append(bytes(32))
            await connection.execute(
                "UPDATE audit_logs SET size = 1, frontier = $1", b"".join(frontier.hashes)
            )
            await transaction.commit()
        await log.signer.step()
        sizes = await log.ask(
            "compliance", "SELECT size FROM audit_checkpoints WHERE tenant_id = $1", log.tenant
        )
        assert {row["size"] for row in sizes} == {1, 6, LEAVES}

    async def test_signs_at_its_start_what_another_left_unsigned(
        self, log: Log, databases: dict[str, Database]
    ) -> None:
        await log.tamper(
            "compliance", "DELETE FROM audit_checkpoints WHERE tenant_id = $T AND size = 12"
        )
        pool = await asyncpg.create_pool(databases["compliance"].feed, min_size=1, max_size=1)
        await Signer(log.services["compliance"].pool, KEY, pool).step()
        await pool.close()
        found = await log.verify()
        assert (found.is_verified, found.checkpoints) == (True, 2)


class TestTrail:
    async def test_parks_no_event_because_another_reader_holds_the_log(self, log: Log) -> None:
        await log.services["ledger"].tick(log.tenant, "account-5")
        async with log.services["compliance"].pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(HELD_FOR_LONG)
            await connection.execute("SELECT set_config('forbear.tenant', $1, true)", log.tenant)
            await connection.execute("SELECT FROM audit_logs FOR UPDATE")
            with pytest.raises(StoreUnavailable, match="another reader"):
                await log.archive(LEAVES + 1)
            await transaction.rollback()
        await log.archive(LEAVES + 1)
        assert (await log.verify()).leaves == LEAVES + 1
        assert not await log.ask("compliance", "SELECT 1 FROM parked_events")


class TestCommand:
    async def test_says_so_and_names_what_is_bad(
        self, log: Log, databases: dict[str, Database], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        public = base64.b64encode(KEY.public_key().public_bytes_raw()).decode()
        environment = {
            f"FORBEAR_{each.upper()}_FEED_DATABASE_URL": databases[each].feed for each in SERVICES
        } | {"FORBEAR_PUBLIC_KEYS": json.dumps({"audit": public})}
        good = await _command(environment, "audit", "verify", "--tenant", log.tenant)
        assert good.exit_code == 0, good.output
        assert "verified 12 records and 2 signed checkpoints" in good.stdout
        await log.tamper(
            "ledger",
            "DELETE FROM events WHERE tenant_id = $T AND stream = 'account-2' AND version = 2",
        )
        bad = await _command(environment, "audit", "verify", "--tenant", log.tenant, "--json")
        assert bad.exit_code == 1
        shown = json.loads(bad.stdout)
        assert shown["verified"] is False
        (one,) = shown["logs"]
        assert one["bad_record"]["stream"] == "account-2"
        assert one["bad_record"]["version"] == 2


async def _command(environment: dict[str, str], *words: str) -> Any:
    return await asyncio.to_thread(CliRunner().invoke, app, list(words), env=environment)
