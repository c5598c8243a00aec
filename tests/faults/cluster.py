"""A whole cluster on this machine, each of its processes to be killed or stopped by name."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from services.command import instance
from services.command.administration import urls_of
from services.command.installation import Ports
from shared.messaging.kafka.connection import Brokers
from shared.postgres.lifeline import die_with_parent
from tests.e2e.installation import RealInstallation
from tests.integration.conftest import PROJECT, await_end
from tests.kafka.local import Node

PARTITIONS = "3"


class Cluster(RealInstallation):
    """`forbear run` over three brokers: each service and each relay is a process of its own."""

    def __init__(self, folder: Path, ports: Ports, nodes: Sequence[Node]) -> None:
        super().__init__(folder, ports)
        self.nodes = nodes
        self.brokers = Brokers(bootstrap_servers=",".join(each.address for each in nodes))
        self.environment |= {
            "FORBEAR_KAFKA_BOOTSTRAP_SERVERS": self.brokers.bootstrap_servers,
            "FORBEAR_KAFKA_REPLICATION_FACTOR": str(len(nodes)),
            "FORBEAR_KAFKA_PARTITIONS": PARTITIONS,
        }

    def pid_of(self, *arguments: str) -> int:
        """Return the process id of the supervisor's child with these arguments."""
        wanted = "\0".join(("services", *arguments, "")).encode()
        holder = instance.current_holder(self.installation.lock_file)
        assert holder is not None
        children = Path(f"/proc/{holder.pid}/task/{holder.pid}/children").read_text().split()
        for pid in children:
            if Path(f"/proc/{pid}/cmdline").read_bytes().endswith(wanted):
                return int(pid)
        raise LookupError(f"{arguments} does not run")

    def execute(self, service: str, statement: str) -> None:
        """Run a statement in a service's database, as its owner."""

        self.fetch(service, statement)

    def fetch(self, service: str, query: str) -> Any:
        """Return the first value that a query in a service's database finds, as its owner."""

        async def run() -> Any:
            connection = await asyncpg.connect(urls_of("owner", self.installation)[service])
            try:
                return await connection.fetchval(query)
            finally:
                await connection.close()

        return asyncio.run(run())

    def strike(self, target: str) -> None:
        """Kill what is named `serve ledger`, `relay ledger`, `postgres` or `broker 2`."""
        kind, _, name = target.partition(" ")
        if kind == "broker":
            node = self.nodes[int(name)]
            node.signal(signal.SIGKILL)
            node.start()
            return
        pid = self.postmaster() if kind == "postgres" else self.pid_of(kind, name)
        os.kill(pid, signal.SIGKILL)
        await_end(pid)

    @contextmanager
    def stopped(self, pid: int) -> Iterator[None]:
        """Have a process sleep while the block runs, and wake it whatever comes of the block."""
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    @contextmanager
    def standing_by(self, kind: str, service: str) -> Iterator["subprocess.Popen[bytes]"]:
        """Run a second process like one there is, a service on a port of its own."""
        pid = self.pid_of(kind, service)
        environment = dict(
            each.split("=", 1)
            for each in Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
            if each
        )
        port = self.installation.ports.start + 40 + len(service)
        environment[f"FORBEAR_{service.upper()}_PORT"] = str(port)
        log = self.installation.log_of(f"{service}-{kind}-standing-by")
        with log.open("ab") as output:
            process = subprocess.Popen(
                Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1],
                cwd=PROJECT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()
