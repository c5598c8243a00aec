"""What docker-compose.yml says, carried out by hand: its commands, its variables, its healthchecks.

Only names and ports are exchanged for those of this machine. A request to one service is found in
the audit log of another, and everything stops when it is told to.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.command.installation import SERVICES
from shared.messaging.kafka.connection import Brokers
from shared.postgres.embedded import EmbeddedPostgres, free_port
from tests.deploy.compose_checks import is_ours
from tests.deploy.documents import ROOT, compose, interpolated
from tests.kafka.provider import remove_topics

pytestmark = [pytest.mark.integration, pytest.mark.slow]

HEALTHY = ROOT / "deploy" / "image" / "healthy"
HEALTHY_S = 240.0
STOP_S = 45.0  # stop_grace_period
PROCESSES = (*SERVICES, *(f"{service}-relay" for service in SERVICES))
COMPOSED = compose()


def forbear(environment: Mapping[str, str], *words: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "services", *words],
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


class Composition:
    """The services of the compose file that are ours, as processes of this machine."""

    def __init__(self, folder: Path, server: EmbeddedPostgres, brokers: Brokers) -> None:
        self._folder = folder
        self._path = {"PATH": os.environ["PATH"]}
        self._brokers = brokers.bootstrap_servers
        self.ports = {name: free_port() for name in PROCESSES}
        lines = forbear(self._path, "secrets", "--server", server.admin_url)
        pairs = (line.split("=", 1) for line in lines)
        self._secrets = {name: value.strip("'") for name, value in pairs}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def environment(self, name: str) -> dict[str, str]:
        """Return what the file gives a service, its places exchanged for ours, and nothing else."""
        given = COMPOSED["services"][name].get("environment", {})
        values = {key: interpolated(value, self._secrets) for key, value in given.items()}
        return self._path | {key: self._here(name, key, value) for key, value in values.items()}

    def _here(self, name: str, key: str, value: str) -> str:
        if key in ("FORBEAR_RELAY_PORT", f"FORBEAR_{name.upper()}_PORT"):
            return str(self.ports[name])
        places = {
            "kafka:9092": self._brokers,
            "http://compliance:8104": f"http://127.0.0.1:{self.ports['compliance']}",
            "0.0.0.0": "127.0.0.1",
        }
        return places.get(value, value)

    def run(self, name: str, *words: str) -> list[str]:
        """Run `docker compose run NAME WORDS`."""
        return forbear(self.environment(name), *(words or COMPOSED["services"][name]["command"]))

    def start(self) -> None:
        for name in PROCESSES:
            with (self._folder / f"{name}.log").open("ab") as output:
                self._running[name] = subprocess.Popen(
                    [sys.executable, "-m", "services", *COMPOSED["services"][name]["command"]],
                    cwd=ROOT,
                    env=self.environment(name),
                    stdout=output,
                    stderr=output,
                )

    def await_healthy(self) -> None:
        """Ask each as its healthcheck does until all are well."""
        end = time.monotonic() + HEALTHY_S
        waiting = set(PROCESSES)
        while waiting:
            for name in sorted(waiting):
                _, _, _, path = COMPOSED["services"][name]["healthcheck"]["test"]
                asked = [sys.executable, "-SE", str(HEALTHY), str(self.ports[name]), path]
                done = subprocess.run(asked, capture_output=True, text=True, check=False)
                if done.returncode == 0:
                    waiting.discard(name)
                elif time.monotonic() > end or self._running[name].poll() is not None:
                    log = (self._folder / f"{name}.log").read_text()[-3000:]
                    raise AssertionError(f"{name}: {done.stderr}\n{log}")
            time.sleep(0.2)

    def stop(self) -> dict[str, int]:
        """Tell all to stop and return how they ended."""
        for process in self._running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        return {name: process.wait(STOP_S) for name, process in self._running.items()}

    def kill(self) -> None:
        for process in self._running.values():
            process.kill()
            process.wait()


@pytest.fixture
def composition(
    tmp_path: Path, server: EmbeddedPostgres, kafka_brokers: Brokers
) -> Iterator[Composition]:
    asyncio.run(remove_topics(kafka_brokers))
    made = Composition(tmp_path, server, kafka_brokers)
    with ExitStack() as stack:
        stack.callback(made.kill)
        yield made
    asyncio.run(remove_topics(kafka_brokers))


def test_nothing_of_ours_is_left_out() -> None:
    ours = {name for name, service in COMPOSED["services"].items() if is_ours(service)}
    assert ours == {*PROCESSES, "migrate", "mailbox"}


def test_serves(composition: Composition) -> None:
    assert len([line for line in composition.run("migrate") if "brought from" in line]) == 5
    composition.start()
    tenant = _json(
        composition.run("migrate", "tenants", "create", "--name", "A", "--sandbox", "--json")
    )
    words = ["--tenant", tenant["tenant_id"], "--name", "all", "--all-scopes", "--json"]
    api_key = _json(composition.run("migrate", "keys", "create", *words))["api_key"]
    composition.await_healthy()

    def url(name: str, path: str) -> str:
        return f"http://127.0.0.1:{composition.ports[name]}{path}"

    with httpx2.Client(headers={"Authorization": f"Bearer {api_key}"}, timeout=10) as client:
        made = client.post(
            url("ledger", "/v1/creditors"),
            json={"name": "Harbor Bank"},
            headers={"Idempotency-Key": "first"},
        )
        assert made.status_code == 201, made.text
        end = time.monotonic() + 120
        while client.get(url("compliance", "/v1/audit/checkpoint")).status_code != 200:
            assert time.monotonic() < end, "compliance has not read of the creditor"
            time.sleep(0.2)
        for name in PROCESSES:
            shown = client.get(url(name, "/metrics"))
            assert (shown.status_code, "forbear_service" in shown.text) == (200, True)
    assert composition.stop() == dict.fromkeys(PROCESSES, 0)


def _json(lines: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads("\n".join(lines))
    return found
