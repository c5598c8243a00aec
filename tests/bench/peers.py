"""What permits over HTTP are measured against: FastAPI alone, in a process of its own.

The same server, loop and memory settings as ours. The no-op takes a permit's body and answers with
a decision, both through pydantic; the naive route decides by counting, in a transaction.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import asyncpg
import uvloop
from fastapi import FastAPI

from services.command.serve import settle_memory
from services.compliance.permits.bodies import ContactBody, DecisionAnswer
from shared.http import server
from tests.bench import counted

POOL_SIZE = 10
_DATABASE, _PORT = "FORBEAR_BENCH_DATABASE_URL", "FORBEAR_BENCH_PORT"


def _answer(body: ContactBody, decision: str) -> DecisionAnswer:
    return DecisionAnswer.model_validate(
        {
            "id": "prm_01h455vb4pex5vsknk084sn02q",
            "decision": decision,
            "consumer_id": body.consumer_id,
            "account_ids": body.account_ids,
            "channel": body.channel,
            "decided_at": datetime(2026, 6, 10, 18, tzinfo=UTC),
            "expires_at": datetime(2026, 6, 10, 18, 5, tzinfo=UTC),
            "earliest_permitted_at": None,
            "objections": [],
            "flags": [],
            "rule_pack": "none",
            "tz_version": "none",
            "watermarks": {},
            "trace_id": "",
        }
    )


def build(pool: "asyncpg.Pool[asyncpg.Record]") -> FastAPI:
    """Build the application."""
    app = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})

    @app.post("/noop", status_code=201)
    async def do_nothing(body: ContactBody) -> DecisionAnswer:
        return _answer(body, "permit")

    @app.post("/naive", status_code=201)
    async def count(body: ContactBody) -> DecisionAnswer:
        # The people asked for are ours; those who are counted are the naive table's own.
        consumer = f"cns_{hash(body.consumer_id) % counted.CONSUMERS + 1}"
        permitted = await counted.decide(pool, consumer, body.account_ids[0])
        return _answer(body, "permit" if permitted else "defer")

    return app


async def _serve() -> None:
    pool = await asyncpg.create_pool(os.environ[_DATABASE], min_size=POOL_SIZE, max_size=POOL_SIZE)
    with server.bind("127.0.0.1", int(os.environ[_PORT])) as listener:
        built = server.build(build(pool))
        asyncio.get_running_loop().add_signal_handler(
            signal.SIGTERM, lambda: setattr(built, "should_exit", True)
        )
        settle_memory()
        await built.serve(sockets=[listener])
    await pool.close()


@asynccontextmanager
async def serving(database_url: str, port: int) -> AsyncIterator[int]:
    """Serve them in a process of their own, and yield its process id."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.peers",
        env={**os.environ, _DATABASE: database_url, _PORT: str(port)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await _reached(port, process)
        yield process.pid
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def _reached(port: int, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(60):
        while True:
            if process.returncode is not None:
                raise RuntimeError("the process of the peers has ended")
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return


if __name__ == "__main__":
    uvloop.run(_serve())
