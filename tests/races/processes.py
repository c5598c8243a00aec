"""Several compliance processes over one database, each of which may be killed and started again."""

import asyncio
import os
import subprocess
import sys

import httpx2

from shared.postgres.embedded import free_port
from tests.system import System

READY_S = 180.0


class Processes:
    """Processes as the command serves them, with the whole rulebook, each on its own port."""

    def __init__(self, system: System, number: int) -> None:
        self._system = system
        self.ports = [free_port() for _ in range(number)]
        self._running = [self._start(port) for port in self.ports]

    def _start(self, port: int) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            **self._system.environment(),
            "FORBEAR_COMPLIANCE_PORT": str(port),
        }
        return subprocess.Popen(
            [sys.executable, "-m", "services", "serve", "compliance"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    async def ready(self) -> None:
        """Wait until all answer and have heard from every feed.

        Raises:
            TimeoutError: one of them does not answer.
        """
        async with httpx2.AsyncClient() as client, asyncio.timeout(READY_S):
            for port in self.ports:
                while not await _answers(client, port):  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.05)
        await self._system.heard()

    def kill(self, number: int) -> None:
        """Kill one without a word."""
        self._running[number].kill()
        self._running[number].wait(10)

    def restart(self, number: int) -> None:
        """Start one that was killed, on its old port, unless somebody has: kills may overlap."""
        if self._running[number].poll() is None:
            return
        self._running[number] = self._start(self.ports[number])

    def stop(self) -> None:
        """End all."""
        for process in self._running:
            process.kill()
            process.wait(10)


async def _answers(client: httpx2.AsyncClient, port: int) -> bool:
    try:
        return (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200
    except httpx2.HTTPError:
        return False
