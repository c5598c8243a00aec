"""`python -m tests.bench [kafka]`: measures on a durable PostgreSQL, and prints a table.

Everything is a ratio taken inside this run; absolute rates say what was possible that minute.
"""

import argparse
import random
import sys
import time
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop
from rich.console import Console

from shared.messaging.kafka.connection import Brokers
from shared.postgres.embedded import free_port
from shared.telemetry import logging
from tests.bench import (
    appends,
    flatness,
    goals,
    growth,
    history,
    journeys,
    judging,
    overgrants,
    peers,
    permits,
    processes,
    publishing,
    raw,
    reading,
    report,
    servers,
    statements,
)
from tests.bench.client import Client
from tests.bench.windows import Meter
from tests.databases import Database, Server
from tests.kafka.provider import kafka
from tests.system import TENANT, Keys, System

ROUNDS = 5
PEOPLE = 4_000
HOT = 50
CALLS = 1  # of seven, so that six permits are left to each
SHORT_HISTORIES = 30
SHORT_CALLS = 2
COUNTED = 20
BUSY_TENANT = "agy_01h455vb4pex5vsknk084sn02s"  # has a clock of its own
WIDTH = 125
MISSED, TOO_NOISY = 1, 2
WEEK = timedelta(days=6, hours=18)  # of local dates, up to noon: six midnights before it


async def measure(
    url: str, many: int, rounds: int, chance: random.Random, console: Console
) -> list[report.Line]:
    """Measure everything on one server; `many` events are in the larger of two logs."""
    server = Server(url)
    meters: dict[str, Meter] = {"client": time.process_time}
    if pid := await servers.postgres_pid(server):
        meters["postgres"] = lambda: processes.cpu_of_family(pid)
    console.print("Judging.")
    lines = [*goals.judging(await judging.measure({}, rounds, chance))]
    async with servers.databases(server) as databases:
        console.print("Appending.")
        rounds_of_appends = await appends.measure(databases["ledger"], meters, rounds, chance)
        lines += report.appends(rounds_of_appends)
        lines += await _permits(databases, meters, rounds, chance, console)
    console.print(f"Asking in a log of {growth.FEW:,} events and in one of {many:,}.")
    grown = await growth.measure(server, many, meters, rounds, chance)
    await server.close()
    return [*lines, *goals.growth(grown)]


async def _permits(
    databases: dict[str, Database],
    meters: dict[str, Meter],
    rounds: int,
    chance: random.Random,
    console: Console,
) -> list[report.Line]:
    """Measure permits, and have an oracle read what was granted for it."""
    lines: list[report.Line] = []
    system = System(databases, Keys())
    keys = [await _tenant(system, each) for each in (TENANT, BUSY_TENANT)]
    database, beside = databases["compliance"], databases["disputes"]
    async with history.transactor(database) as writer:
        console.print("Writing histories, one of them of a hundred thousand events.")
        people = await history.people(writer, TENANT, PEOPLE, CALLS)
        hot = await history.people(writer, TENANT, HOT, CALLS)
        counted = await history.people(writer, TENANT, COUNTED, CALLS)
        short = await history.people(writer, BUSY_TENANT, SHORT_HISTORIES, SHORT_CALLS)
        long = await history.long_history(writer, BUSY_TENANT)
    console.print("Asking for permits without HTTP.")
    unserved = await raw.measure(database, beside, people, hot, meters, rounds, chance)
    lines += goals.raw(unserved)
    async with servers.compliance(system) as compliance:
        console.print("Asking for permits over HTTP.")
        port = free_port()
        async with peers.serving(beside.owner, port) as pid:
            everyone: dict[str, Meter] = {
                "server": compliance.cpu_s,
                "peers": lambda: processes.cpu_of(pid),
                **meters,
            }
            client = await Client.open(compliance.port, keys[0], permits.CONNECTIONS)
            others = await Client.open(port, keys[0], permits.CONNECTIONS)
            asked = await permits.measure(
                compliance, client, others, people[::-1], everyone, rounds, chance
            )
            client.close()
            others.close()
        console.print("Asking for one consumer with a long history, and for others.")
        client = await Client.open(compliance.port, keys[1], 1)
        flat = await flatness.measure(database, compliance, client, short, long, rounds)
        client.close()
    console.print("Counting statements, and what was granted.")
    sent = await statements.measure(system, keys[0], counted)
    verdict = await overgrants.examined(databases, TENANT, history.NOON - WEEK)
    return [
        *lines,
        *goals.oracle(verdict),
        *goals.http(asked),
        *report.permits(asked),
        *report.flatness(flat),
        *report.statements(sent),
    ]


async def measure_kafka(
    url: str, many: int, rounds: int, chance: random.Random, console: Console
) -> list[report.Line]:
    """Measure what goes over Kafka, on one server and one broker."""
    server = Server(url)
    meters: dict[str, Meter] = {"client": time.process_time}
    if pid := await servers.postgres_pid(server):
        meters["postgres"] = lambda: processes.cpu_of_family(pid)
    with TemporaryDirectory() as folder, kafka(Path(folder)) as address:
        brokers = Brokers(bootstrap_servers=address)
        source, target = await server.database("ledger"), await server.database("disputes")
        console.print("Publishing.")
        published = await publishing.measure(source, brokers, meters, rounds, chance)
        console.print("Reading.")
        read = await reading.measure(target, brokers, meters, rounds, chance)
        await server.drop(source, target)
        console.print("Following events from one service to another.")
        journeyed = await journeys.measure(server, brokers)
    await server.close()
    return [
        *report.publishing(published),
        *report.reading(read),
        *report.journeys(journeyed),
    ]


async def _tenant(system: System, tenant: str) -> str:
    key = await system.key(tenant, scopes=["permits:write"])
    await system.set_clock(tenant, history.NOON)
    return key


PARTS = {"store": measure, "kafka": measure_kafka}


def main() -> int:
    """Measure and print; 1 if a goal is missed, 2 if the machine was too busy to tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=main.__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, default="store")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="at least five mean something")
    parser.add_argument(
        "--events", type=int, default=growth.MANY, help="of the larger log: 10000000 takes long"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the order of windows")
    arguments = parser.parse_args()
    console = Console()
    console.width = max(console.width, WIDTH)  # a log is no terminal, and may be wide
    logging.configure(level="WARNING")
    with servers.durable_server() as url:
        chance = random.Random(arguments.seed)
        lines = uvloop.run(
            PARTS[arguments.part](url, arguments.events, arguments.rounds, chance, console)
        )
    report.show(lines, console)
    verdicts = {line.verdict for line in lines}
    if "missed" in verdicts:
        return MISSED
    return TOO_NOISY if "too noisy" in verdicts else 0


if __name__ == "__main__":
    sys.exit(main())
