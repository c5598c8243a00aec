"""The supervisor: PostgreSQL and the services, up and kept up until it is told to stop.

It kills nothing it did not start, and what it started does not outlive it.
"""

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from services.command import instance, keys, ports, processes, readiness
from services.command.databases import DATABASES, DatabaseUrls, database_urls
from services.command.environment import service_environment
from services.command.installation import Installation
from services.command.processes import Kept, ServiceProcess
from services.command.servers import DatabaseServer, database_server
from services.command.wiring import Wiring, in_stopping_order
from shared.postgres.embedded import ServerFailed
from shared.postgres.provision import provision

TICK_S = 0.1
TICKS_PER_TRIM = 100
READY_TIMEOUT_S = 90.0
LOG_LINES = 20


class ServicesFailed(Exception):
    """The services did not become ready; the text holds the end of their log."""


class Supervisor:
    """Runs one installation."""

    def __init__(
        self, installation: Installation, wiring: Wiring, say: Callable[[str], None]
    ) -> None:
        self._installation = installation
        self._wiring = wiring
        self._say = say
        self._is_stopping = False

    def run(self, announce: Callable[[str], None]) -> None:
        """Serve until SIGTERM, SIGINT or SIGHUP; `announce` gets the sandbox key when all is up.

        Raises:
            AlreadyRunning: another supervisor has the data folder.
            PortsTaken: another program has a port.
            ServerFailed, ServerUnavailable, ServerUnreachable: there is no PostgreSQL to use.
            ServicesFailed: the services do not become ready.
        """
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(each, self._note_signal)
        installation = self._installation
        holder = instance.Holder(pid=os.getpid(), urls=installation.addresses)
        with instance.held(installation.lock_file, holder) as was_killed:
            ports.require_free(installation, after_a_kill=was_killed)
            own_keys = keys.load_or_create(installation.secrets_file)
            with database_server(installation, own_keys, self._say) as server:
                self._serve(server, own_keys, announce)

    def _note_signal(self, number: int, frame: object) -> None:
        self._is_stopping = True

    def _serve(
        self, server: DatabaseServer, own_keys: keys.Keys, announce: Callable[[str], None]
    ) -> None:
        urls = database_urls(server.admin_url, own_keys.role_passwords)
        self._say("Preparing the databases.")
        asyncio.run(
            provision(urls.admin, DATABASES, own_keys.role_passwords, is_ours=server.is_ours)
        )
        self._wiring.migrate(urls)
        environment = service_environment(self._installation, own_keys, urls)
        api_key = self._sandbox_key(environment, urls)
        services = {
            name: ServiceProcess(command, environment, self._installation.log_of(name))
            for name, command in self._wiring.commands(environment).items()
        }
        kept = [Kept(f"The {name} process", each, self._say) for name, each in services.items()]
        if server.embedded is not None:
            kept.insert(0, Kept("PostgreSQL", server.embedded, self._say))
        try:
            self._say("Starting the services.")
            for each in services.values():
                each.start()
            self._await_ready(services)
            if not self._is_stopping:
                announce(api_key)
            self._keep(kept)
            self._say("Stopping.")
        finally:
            groups = in_stopping_order(services)
            for name in processes.stop_all(groups):
                self._say(f"The {name} process did not end in time and was killed.")

    def _sandbox_key(self, environment: Mapping[str, str], urls: DatabaseUrls) -> str:
        file = self._installation.sandbox_file
        if not file.exists():
            made: Coroutine[Any, Any, str] = self._wiring.ensure_sandbox(environment, urls)
            keys.write_private(file, json.dumps({"api_key": asyncio.run(made)}))
        api_key: str = json.loads(file.read_text())["api_key"]
        return api_key

    def _await_ready(self, services: Mapping[str, ServiceProcess]) -> None:
        end = time.monotonic() + READY_TIMEOUT_S
        while (missing := readiness.not_ready(self._installation)) and not self._is_stopping:
            ended = [name for name, each in services.items() if not each.is_running()]
            if ended or time.monotonic() > end:
                log = self._installation.log_of(ended[0] if ended else next(iter(services)))
                named = ", ".join(f"{name}: {answer}" for name, answer in missing.items())
                raise ServicesFailed(
                    f"The services did not start ({named}). The end of {log}:\n"
                    f"{processes.tail(log, LOG_LINES)}"
                )
            time.sleep(TICK_S)

    def _keep(self, kept: list[Kept]) -> None:
        ticks = 0
        is_whole = True
        while not self._is_stopping:
            time.sleep(TICK_S)
            ticks += 1
            revived = [each.revive((ServerFailed, OSError)) for each in kept]
            is_whole = is_whole and not any(revived)
            if not is_whole and readiness.is_ready(self._installation):
                is_whole = True
                for each in kept:
                    each.proved_useful()
                self._say("All services are ready again.")
            if ticks % TICKS_PER_TRIM == 0:
                for log in self._installation.folder.glob("*.log"):
                    processes.trim(log)
                processes.trim(self._installation.postgres_folder / "postgres.log")
