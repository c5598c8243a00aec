"""Permits as others decide them: so many calls to a person about a debt in seven days, no more.

The naive way counts rows in a transaction of five statements. The short way is one function over a
compact row. Neither knows a rule but this one, a tenant, an idempotency key, or why it refused.
"""

import asyncio
import itertools
import random
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from shared.postgres.programs import client_program
from tests.bench.windows import Done
from tests.databases import Database

CONSUMERS = 20_000
CALLS_MAX = 7
EACH = 100
_TABLES = """
CREATE TABLE naive_consumers (consumer_id text PRIMARY KEY);
CREATE TABLE naive_attempts (
  consumer_id text NOT NULL, account_id text NOT NULL, at timestamptz NOT NULL
);
CREATE INDEX naive_attempts_of_consumer ON naive_attempts (consumer_id, account_id, at);
CREATE TABLE naive_events (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, consumer_id text NOT NULL, data bytea
);
CREATE TABLE naive_outbox (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, data bytea
);
CREATE TABLE window_gates (
  consumer_id text PRIMARY KEY, at timestamptz[] NOT NULL
) WITH (fillfactor = 60);
CREATE TABLE window_events (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, consumer_id text NOT NULL, data bytea
);
CREATE FUNCTION window_permit(p_consumer text, p_data bytea) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO window_gates AS g VALUES (p_consumer, ARRAY[clock_timestamp()])
    ON CONFLICT (consumer_id) DO UPDATE
      SET at = (g.at || clock_timestamp())[greatest(1, cardinality(g.at) - 5):]
      WHERE cardinality(g.at) < 7
        OR g.at[cardinality(g.at) - 6] < clock_timestamp() - interval '7 days';
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  INSERT INTO window_events (consumer_id, data) VALUES (p_consumer, p_data);
  RETURN true;
END $$
"""
_PEOPLE = f"""
INSERT INTO naive_consumers SELECT 'cns_' || n FROM generate_series(1, {CONSUMERS}) AS n;
"""
_SCRIPT = f"""\\set c random(1, {CONSUMERS})
SELECT window_permit('cns_' || :c, '{{data}}');
"""
_PGBENCH_DONE = re.compile(r"number of transactions actually processed: (\d+)")
_PGBENCH_RATE = re.compile(r"tps = ([0-9.]+)")
DATA = b'{"event":"permit","why":"' + b"x" * 330 + b'"}'


@asynccontextmanager
async def prepared(database: Database, connections: int) -> AsyncIterator["asyncpg.Pool[Any]"]:
    """Make the tables, as their owner, and open a pool on them."""
    pool = await asyncpg.create_pool(database.owner, min_size=connections, max_size=connections)
    await pool.execute(_TABLES)
    await pool.execute(_PEOPLE)
    await pool.execute("ANALYZE")
    try:
        yield pool
    finally:
        await pool.close()


class Naive:
    """Counts what is there, in a transaction."""

    def __init__(self, pool: "asyncpg.Pool[Any]", chance: random.Random) -> None:
        self._pool = pool
        self._chance = chance

    async def ask(self, worker: int = 0) -> None:
        """Decide once."""
        consumer = f"cns_{self._chance.randint(1, CONSUMERS)}"
        await decide(self._pool, consumer, "acct_1")


async def decide(pool: "asyncpg.Pool[Any]", consumer: str, account: str) -> bool:
    """Lock the person, count, record the attempt, the event and what is to be published."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "SELECT FROM naive_consumers WHERE consumer_id = $1 FOR UPDATE", consumer
        )
        calls = await connection.fetchval(
            "SELECT count(*) FROM naive_attempts"
            " WHERE consumer_id = $1 AND account_id = $2 AND at > now() - interval '7 days'",
            consumer,
            account,
        )
        if calls >= CALLS_MAX:
            return False
        await connection.execute(
            "INSERT INTO naive_attempts VALUES ($1, $2, now())", consumer, account
        )
        await connection.execute(
            "INSERT INTO naive_events (consumer_id, data) VALUES ($1, $2)", consumer, DATA
        )
        await connection.execute("INSERT INTO naive_outbox (data) VALUES ($1)", DATA)
    return True


@dataclass(frozen=True)
class Pgbench:
    """PostgreSQL's own load generator, running the one function."""

    url: str
    clients: int
    folder: Path

    async def run(self, until: float) -> Done:
        """Run so many from each client, whatever the deadline. Its rate leaves connecting out."""
        script = self.folder / "window.sql"
        script.write_text(_SCRIPT.replace("{data}", DATA.decode()))
        process = await asyncio.create_subprocess_exec(
            client_program("pgbench"),
            *("--no-vacuum", "--protocol=prepared", "--jobs=2"),
            f"--transactions={EACH}",
            f"--client={self.clients}",
            f"--file={script}",
            self.url,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, errors = await process.communicate()
        done, rate = _PGBENCH_DONE.search(out.decode()), _PGBENCH_RATE.search(out.decode())
        if process.returncode or done is None or rate is None:
            raise RuntimeError(f"pgbench failed: {errors.decode()}")
        return Done(operations=int(done[1]), seconds=int(done[1]) / float(rate[1]))


class Prepared:
    """The same function by prepared statements of the driver, for where there is no pgbench."""

    def __init__(self, pool: "asyncpg.Pool[Any]", chance: random.Random) -> None:
        self._pool = pool
        self._chance = chance
        self._numbers = itertools.count()

    async def ask(self, worker: int = 0) -> None:
        """Decide once."""
        consumer = f"cns_{self._chance.randint(1, CONSUMERS)}"
        await self._pool.fetchval("SELECT window_permit($1, $2)", consumer, DATA)
